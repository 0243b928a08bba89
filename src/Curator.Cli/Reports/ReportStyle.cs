namespace Curator.Cli.Reports;

/// <summary>The report's style sheet: no fonts or pictures from elsewhere, light and dark by the reader's setting, one column on a phone.</summary>
internal static class ReportStyle
{
    public const string Css =
        """

        :root{color-scheme:light dark;--paper:#f6f7f9;--card:#fff;--ink:#14202e;--quiet:#54616f;--line:#dde3ea;--accent:#0b6e6e;--sea:#0a2a4a;
          --found:#0b7a5c;--missed:#c2264b;--false:#a35f00;--f1:#0b6e6e;--recall:#7a5cc0;--base:#8a6d3b;--band:#d9a74a40}
        @media (prefers-color-scheme:dark){:root{--paper:#0d131a;--card:#151d27;--ink:#e8edf3;--quiet:#9fb0c0;--line:#283442;--accent:#4fd1c0;
          --found:#4fd1a0;--missed:#ff7a95;--false:#f0b04a;--f1:#4fd1c0;--recall:#b6a1f0;--base:#e0bd78;--band:#e0bd7830}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;-webkit-text-size-adjust:100%}
        header{background:linear-gradient(160deg,#06182c,#0b3a5e 70%,#0f5a6e);color:#f2f7fb;padding:clamp(28px,5vw,56px) max(20px,calc((100vw - 1080px)/2)) calc(clamp(28px,5vw,56px) + 30px);
          display:flex;gap:32px;align-items:center;justify-content:space-between;flex-wrap:wrap}
        .intro{flex:1 1 320px}
        .brand{margin:0 0 8px;font-size:.8rem;letter-spacing:.16em;text-transform:uppercase;color:#9fd8d4}
        h1{margin:0;font-size:clamp(2rem,6vw,3.4rem);line-height:1.08;letter-spacing:-.02em;text-wrap:balance}
        .lead{margin:14px 0 0;max-width:56ch;font-size:1.08rem;color:#d5e4ef}
        .example{margin:0;flex:0 0 auto}
        .example img{display:block;width:176px;height:176px;object-fit:cover;border-radius:14px;box-shadow:0 8px 32px #0008;border:2px solid #ffffff40}
        .example figcaption{margin-top:8px;font-size:.8rem;color:#c3d6e4;max-width:176px}
        main,footer{max-width:1120px;margin:0 auto;padding:0 20px}
        section{margin:32px 0}
        h2{font-size:1.3rem;margin:0 0 14px;letter-spacing:-.01em}
        .count{color:var(--quiet);font-weight:400}
        .figures{margin-top:-26px}
        .figures dl{margin:0;display:flex;flex-wrap:wrap;gap:1px;background:var(--line);border:1px solid var(--line);
          border-radius:14px;overflow:hidden;box-shadow:0 6px 24px #00183010}
        .figures div{flex:1 1 22%;background:var(--card);padding:16px 20px 14px}
        .figures dt{font-size:.8rem;color:var(--quiet)}
        .figures dd{margin:2px 0 0}
        .figures b{display:block;font-size:2rem;line-height:1.2;letter-spacing:-.02em;font-variant-numeric:tabular-nums;white-space:nowrap}
        .figures span{font-size:.8rem;color:var(--quiet)}
        .figures .good b{color:var(--accent)}
        .pair{display:grid;gap:20px;margin:32px 0}
        .pair section{margin:0;min-width:0}
        @media (min-width:860px){.pair{grid-template-columns:3fr 2fr}.pair section:only-child{grid-column:1/-1}}
        #curve,#stages,#definition{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:20px}
        figure.chart,figure.map,figure.plot{margin:0}
        figure.plot img{width:100%;height:auto;border-radius:8px}
        .chart svg{display:block;width:100%;max-width:720px;height:auto}
        .grid{stroke:var(--line)}
        .tick{fill:var(--quiet);font-size:11.5px}
        polyline{fill:none;stroke-linejoin:round;stroke-linecap:round}
        polyline.f1{stroke:var(--f1);stroke-width:2.6}
        circle.f1{fill:var(--f1)}
        polyline.recall{stroke:var(--recall);stroke-width:1.6}
        polyline.baseline{stroke:var(--base);stroke-width:1.8;stroke-dasharray:5 4}
        polygon.band{fill:var(--band)}
        .legend{display:flex;flex-wrap:wrap;gap:6px 18px;margin-top:10px;font-size:.88rem;color:var(--quiet)}
        .legend span::before{content:"";display:inline-block;width:18px;margin-right:7px;vertical-align:middle;border-top:3px solid}
        .legend .f1::before{border-color:var(--f1)}
        .legend .recall::before{border-color:var(--recall);border-top-width:2px}
        .legend .baseline::before{border-color:var(--base);border-top-style:dashed}
        .map .legend span::before{width:11px;height:11px;border:0;border-radius:50%}
        .map .legend .found::before{background:#3fe0a5;box-shadow:0 0 0 1px #04283a}
        .map .legend .missed::before{border:2.5px solid #ff3d68}
        .map .legend .false::before{content:"×";color:#e09400;font-weight:800;font-size:20px;line-height:9px;width:13px}
        .map .legend span:last-child::before{display:none}
        .scroll{overflow-x:auto;border-radius:14px}
        .map svg{display:block;width:100%;min-width:720px;height:auto;border-radius:14px;background:#071a30}
        .map g.found{fill:#3fe0a5;fill-opacity:.85;stroke:#04283a;stroke-width:.3}
        .map g.missed{fill:none;stroke:#ff3d68;stroke-width:.75}
        .map g.false{stroke:#ffb02e;stroke-width:.6;fill:none;stroke-linecap:round}
        .sheet{list-style:none;margin:0;padding:0;display:grid;grid-template-columns:repeat(auto-fill,minmax(88px,1fr));gap:12px 10px}
        .sheet li{min-width:0}
        .sheet img,.unreadable{display:block;width:100%;aspect-ratio:1;object-fit:cover;border-radius:9px;background:var(--line);border-bottom:3px solid var(--found)}
        .sheet.missed img{border-color:var(--missed)}
        .sheet.false img{border-color:var(--false)}
        .unreadable{font-size:.75rem;padding:8px;color:var(--quiet)}
        .sheet small{display:block;margin-top:4px;font-size:.72rem;line-height:1.25;color:var(--quiet);overflow-wrap:anywhere}
        .more{color:var(--quiet)}
        table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.92rem}
        th,td{text-align:left;padding:6px 16px 6px 0;border-bottom:1px solid var(--line);font-weight:400;vertical-align:middle}
        thead th,caption{color:var(--quiet);font-size:.8rem;text-align:left}
        caption{padding:14px 0 4px}
        .stages{width:100%}
        .stages .time{white-space:nowrap;text-align:right}
        .stages td:last-child{width:55%;padding-right:0;color:var(--quiet);font-size:.82rem}
        .bar{display:block;height:8px;min-width:2px;border-radius:4px;background:var(--accent);margin-bottom:3px}
        details{margin-top:14px}
        summary{cursor:pointer;color:var(--accent);padding:6px 0}
        #definition p{max-width:76ch}
        #definition p:first-of-type{margin-top:0}
        #definition p:last-child{margin-bottom:0}
        footer{padding-top:4px;padding-bottom:48px;font-size:.82rem;color:var(--quiet)}
        footer p{max-width:90ch}
        code{font-family:ui-monospace,"DejaVu Sans Mono",monospace;font-size:.92em}
        @media (max-width:560px){.figures div{flex-basis:40%;padding:13px 16px}.figures b{font-size:1.45rem}.example img{width:132px;height:132px}
          .sheet{grid-template-columns:repeat(auto-fill,minmax(76px,1fr))}main,footer{padding-left:16px;padding-right:16px}}
        @media print{header{background:none;color:inherit}.lead,.brand,.example figcaption{color:inherit}}

        """;
}
