using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Curator.Core;
using Curator.Core.Embeddings;
using Curator.Core.Images;
using Curator.Labeling.Classification;
using Curator.Labeling.Export;
using DuckDB.NET.Data;

namespace Curator.Labeling.Tests.Export;

/// <summary>Every format, read back by a program that is not ours and compared with the finished set.</summary>
public sealed class FormatTests(FormatTests.Swept swept) : IClassFixture<FormatTests.Swept>, IDisposable
{
    private static readonly ExportOptions s_split = new() { Split = "0.6,0.2,0.2", SplitBy = SplitBy.Image, Transfer = FileTransfer.Copy };

    private readonly SyntheticWorkspace _made = swept.Made;
    private readonly List<FinalLabel> _set = swept.Set;
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Yolo_folders_hold_the_pictures_that_PIL_reads_and_a_yaml_with_the_classes()
    {
        await ExportAsync(ExportFormat.Yolo, new ExportOptions { Transfer = FileTransfer.Copy });
        var read = await PythonAsync("""
            import json,os,sys; from PIL import Image
            r={}
            for d,_,fs in os.walk(sys.argv[1]):
                for f in fs:
                    if f.endswith('.jpg'):
                        p=os.path.join(d,f); b=Image.open(p).convert('RGB').getpixel((0,0)); r[os.path.relpath(p,sys.argv[1])]=b[2]+64*b[1]+4096*b[0]
            print(json.dumps(r))
            """);
        Assert.Equal(["train", "val"], read.AsObject().Select(p => p.Key.Split('/')[0]).Distinct().Order());
        Assert.Equal(
            _set.Select(l => $"{l.Class} {l.Record.PerceptualHash}").Order(StringComparer.Ordinal),
            read.AsObject().Select(p => $"{p.Key.Split('/')[1]} {p.Value}").Order(StringComparer.Ordinal));
        Assert.Equal("path: .\ntrain: train\nval: val\nnc: 2\nnames:\n  0: \"no\"\n  1: \"yes\"\n", await File.ReadAllTextAsync(_folder["out/data.yaml"], Token));
    }

    [Fact]
    public async Task Parquet_tells_DuckDB_the_set_with_types_places_and_embeddings()
    {
        await ExportAsync(ExportFormat.Parquet, s_split with { Embeddings = true });
        await using var duck = new DuckDBConnection("DataSource=:memory:");
        await duck.OpenAsync(Token);
        await using var command = duck.CreateCommand();
        command.CommandText = $"SELECT image_id, label, label_index, confidence, source, person, epoch_us(labeled_at), split, west, geometry::VARCHAR, embedding, sha256, uri FROM '{_folder["out/labels.parquet"]}'";
        await using var rows = await command.ExecuteReaderAsync(Token);
        foreach (var expected in _set)
        {
            Assert.True(await rows.ReadAsync(Token));
            Assert.Equal((expected.Image.ToString(), expected.Class, _made.Task.Classes.ToList().IndexOf(expected.Class)), (rows.GetString(0), rows.GetString(1), (int)rows.GetInt64(2)));
            Assert.Equal(expected.Confidence, rows.GetDouble(3), 1e-6);
            Assert.Equal(expected.IsHuman ? "human" : "model", rows.GetString(4));
            Assert.Equal(expected.Person, rows.IsDBNull(5) ? null : rows.GetString(5));
            Assert.Equal((expected.LabeledAt - DateTimeOffset.UnixEpoch)?.Ticks / 10, rows.IsDBNull(6) ? (long?)null : rows.GetInt64(6));
            Assert.Contains(rows.GetString(7), (string[])["train", "val", "test"]);
            Assert.Equal(expected.Record.Footprint?.West, rows.IsDBNull(8) ? (double?)null : rows.GetDouble(8));
            Assert.Equal(expected.Record.Footprint is not { } box ? null : box.CrossesAntimeridian ? "MULTIPOLYGON" : "POLYGON", rows.IsDBNull(9) ? null : rows.GetString(9).Split(' ', '(')[0]);
            Assert.Equal(await EmbeddingOf(expected.Image), Assert.IsType<List<float>>(rows.GetValue(10), exactMatch: false));
            Assert.Equal((expected.Record.Sha256, expected.Record.Uri), (rows.GetString(11), rows.GetString(12)));
        }
        Assert.False(await rows.ReadAsync(Token));
    }

    [Fact]
    public async Task Coco_files_tell_Python_the_set_and_the_size_of_each_picture()
    {
        await ExportAsync(ExportFormat.Coco, s_split);
        var read = await PythonAsync("""
            import json,sys; from PIL import Image
            r={}
            for part in ('train','val','test'):
                c=json.load(open(f'{sys.argv[1]}/annotations/{part}.json')); names={k['id']:k['name'] for k in c['categories']}; images={i['id']:i for i in c['images']}
                assert len(images)==len(c['annotations'])==len(c['images'])
                for a in c['annotations']:
                    i=images[a['image_id']]; w,h=Image.open(f"{sys.argv[1]}/images/{i['file_name']}").size
                    assert (w,h)==(i['width'],i['height']) and a['bbox']==[0,0,w,h] and a['area']==w*h
                    r[i['image_id']]=[names[a['category_id']],a['score'],a.get('person'),part]
            print(json.dumps(r))
            """);
        Compare(read, row => ((string)row![0]!, (double)row[1]!, (string?)row[2]));
    }

    [Fact]
    public async Task Label_Studio_tasks_hold_answers_as_annotations_and_decisions_as_predictions()
    {
        await ExportAsync(ExportFormat.LabelStudio, new ExportOptions { Transfer = FileTransfer.Copy });
        var read = await PythonAsync("""
            import json,sys,urllib.parse as u,xml.etree.ElementTree as x; from PIL import Image
            classes=[c.get('value') for c in x.parse(sys.argv[1]+'/config.xml').iter('Choice')]
            r={}
            for t in json.load(open(sys.argv[1]+'/tasks.json')):
                q=u.parse_qs(u.urlparse(t['data']['image']).query)['d'][0]; Image.open(sys.argv[1]+'/'+q).load()
                a=(t.get('annotations') or t['predictions'])[0]; one=a['result'][0]
                assert one['type']=='choices' and one['from_name']=='label' and one['to_name']=='image' and one['value']['choices'][0] in classes
                r[t['data']['image_id']]=[one['value']['choices'][0], a.get('score',1), t['data'].get('person')]
                assert ('annotations' in t)==('person' in t['data'])
            print(json.dumps(r))
            """);
        Compare(read, row => ((string)row![0]!, (double)row[1]!, (string?)row[2]));
    }

    [Fact]
    public async Task FiftyOne_parts_have_a_class_number_for_each_picture_and_no_other()
    {
        await ExportAsync(ExportFormat.FiftyOne, s_split);
        var read = await PythonAsync("""
            import json,os,sys
            r={}
            for part in ('train','val','test'):
                l=json.load(open(f'{sys.argv[1]}/{part}/labels.json')); files={os.path.splitext(f)[0] for f in os.listdir(f'{sys.argv[1]}/{part}/data')}
                assert files==set(l['labels'])
                r.update({k:[l['classes'][v]] for k,v in l['labels'].items()})
            print(json.dumps(r))
            """);
        Compare(read, row => ((string)row![0]!, null, null));
    }

    [Fact]
    public async Task WebDataset_shards_open_with_Pythons_tar_and_hold_pictures_classes_and_facts()
    {
        await ExportAsync(ExportFormat.WebDataset, s_split);
        var read = await PythonAsync("""
            import glob,hashlib,io,json,sys,tarfile; from PIL import Image
            r={}
            for p in sorted(glob.glob(sys.argv[1]+'/*.tar')):
                t=tarfile.open(p); s={}
                for m in t.getmembers():
                    assert m.mtime==0 and m.mode==0o644 and m.uid==0
                    k,e=m.name.split('.',1); s.setdefault(k,{})[e]=t.extractfile(m).read()
                for k,v in s.items():
                    j=json.loads(v['json']); Image.open(io.BytesIO(v['jpg'])).load()
                    assert hashlib.sha256(v['jpg']).hexdigest()==j['sha256'] and j['image_id']==k and p.split('/')[-1].startswith(j['split']) and ['yes','no'][int(v['cls'])]==j['label']
                    r[k]=[j['label'],j['confidence'],j.get('person')]
            print(json.dumps(r))
            """);
        Compare(read, row => ((string)row![0]!, (double)row[1]!, (string?)row[2]));
        Assert.Equal(["test-000000.tar", "train-000000.tar", "val-000000.tar"], Directory.GetFiles(_folder["out"], "*.tar").Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task TFRecord_shards_have_right_checksums_and_examples_that_a_literal_reader_understands()
    {
        await ExportAsync(ExportFormat.TfRecord, s_split);
        var read = await PythonAsync("""
            import glob,hashlib,io,json,struct,sys; from PIL import Image
            table=[]
            for i in range(256):
                c=i
                for _ in range(8): c=(c>>1)^(0x82F63B78 if c&1 else 0)
                table.append(c)
            def masked(b):
                c=0xffffffff
                for x in b: c=table[(c^x)&255]^(c>>8)
                c^=0xffffffff; return (((c>>15)|(c<<17&0xffffffff))+0xa282ead8)&0xffffffff
            def varint(b,i):
                v=s=0
                while True:
                    x=b[i]; i+=1; v|=(x&127)<<s; s+=7
                    if x<128: return v,i
            def fields(b):
                i=0
                while i<len(b):
                    t,i=varint(b,i); assert t&7==2
                    n,i=varint(b,i); yield t>>3,b[i:i+n]; i+=n
            def value(feature):
                (kind,body),=fields(feature); (_,v),=fields(body)
                if kind==1: return v
                if kind==2: return list(struct.unpack('<%df'%(len(v)//4),v))
                out=[];i=0
                while i<len(v): x,i=varint(v,i); out.append(x)
                return out
            r={}
            for p in sorted(glob.glob(sys.argv[1]+'/*.tfrecord')):
                b=open(p,'rb').read(); i=0
                while i<len(b):
                    n,=struct.unpack('<Q',b[i:i+8]); assert struct.unpack('<I',b[i+8:i+12])[0]==masked(b[i:i+8])
                    d=b[i+12:i+12+n]; assert struct.unpack('<I',b[i+12+n:i+16+n])[0]==masked(d); i+=16+n
                    (_,features),=fields(d); e={}
                    for _,entry in fields(features):
                        m=dict(fields(entry)); e[m[1].decode()]=value(m[2])
                    im=Image.open(io.BytesIO(e['image/encoded'])); assert im.size==(e['image/width'][0],e['image/height'][0])
                    assert hashlib.sha256(e['image/encoded']).hexdigest()==e['image/sha256'].decode()
                    assert ['yes','no'][e['image/class/label'][0]]==e['image/class/text'].decode()
                    r[e['image/filename'].decode().split('.')[0]]=[e['image/class/text'].decode(),e['image/class/confidence'][0],e.get('image/class/person',b'').decode() or None]
            print(json.dumps(r))
            """);
        Compare(read, row => ((string)row![0]!, (double)row[1]!, (string?)row[2]));
    }

    [Fact]
    public async Task GeoJson_opens_with_GDAL_with_every_footprint_where_it_is()
    {
        await ExportAsync(ExportFormat.GeoJson, s_split);
        var text = await OtherProgram.RunAsync("ogrinfo", "-ro", "-al", "-q", _folder["out/labels.geojson"]);
        var features = text.Split("OGRFeature(")[1..];
        Assert.Equal(_set.Count, features.Length);
        foreach (var (expected, feature) in _set.Zip(features))
        {
            Assert.Contains($"image_id (String) = {expected.Image}\n", feature);
            Assert.Contains($"label (String) = {expected.Class}\n", feature);
            if (expected.Person is { } person) Assert.Contains($"person (String) = {person}\n", feature);
            if (expected.Record.Footprint is not { } box)
            {
                Assert.DoesNotContain("POLYGON", feature);
                continue;
            }
            var numbers = Regex.Matches(feature[feature.IndexOf("POLYGON", StringComparison.Ordinal)..], @"-?\d+(\.\d+)?").Select(m => double.Parse(m.Value, CultureInfo.InvariantCulture));
            Assert.Equal(box.CrossesAntimeridian, feature.Contains("MULTIPOLYGON", StringComparison.Ordinal));
            Assert.Equal(box.CrossesAntimeridian ? [.. Ring(box with { East = 180 }), .. Ring(box with { West = -180 })] : Ring(box), numbers);
        }
    }

    [Fact]
    public async Task Stac_items_are_all_reached_from_the_collection_and_GDAL_reads_one()
    {
        await ExportAsync(ExportFormat.Stac, s_split);
        var read = await PythonAsync("""
            import hashlib,json,os,sys,urllib.request as u
            r={}
            def walk(path):
                d=json.load(open(path)); here=os.path.dirname(path)
                for l in d['links']:
                    target=os.path.normpath(os.path.join(here,l['href'])); assert os.path.exists(target), target
                    if l['rel'] in ('child','item'): walk(target)
                if d['type']=='Feature':
                    p=d['properties']; assert d['stac_version']=='1.0.0' and d['collection']=='rare'
                    assert p['datetime'] or (p['start_datetime'] and p['end_datetime'])
                    assert (d['geometry'] is None)==('bbox' not in d) and os.path.exists(os.path.join(here,d['assets']['labels']['href']))
                    b=u.urlopen(d['assets']['image']['href']).read()
                    assert '1220'+hashlib.sha256(b).hexdigest()==d['assets']['image']['file:checksum'] and len(b)==d['assets']['image']['file:size']
                    r[d['id']]=[p['label'],p['confidence'],p.get('person')]
            walk(sys.argv[1]+'/collection.json')
            print(json.dumps(r))
            """);
        Compare(read, row => ((string)row![0]!, (double)row[1]!, (string?)row[2]));
        var placed = _set.First(l => l.Record.Footprint is not null);
        Assert.Contains("POLYGON", await OtherProgram.RunAsync("ogrinfo", "-ro", "-al", "-q", _folder[$"out/items-0000/{placed.Image}.json"]));
    }

    [Theory]
    [InlineData(ExportFormat.Parquet)]
    [InlineData(ExportFormat.Coco)]
    [InlineData(ExportFormat.Yolo)]
    [InlineData(ExportFormat.LabelStudio)]
    [InlineData(ExportFormat.FiftyOne)]
    [InlineData(ExportFormat.WebDataset)]
    [InlineData(ExportFormat.TfRecord)]
    [InlineData(ExportFormat.GeoJson)]
    [InlineData(ExportFormat.Stac)]
    public async Task Exported_twice_a_set_has_the_same_bytes(ExportFormat format)
    {
        await ExportAsync(format, s_split);
        var first = ExporterTests.Snapshot(_folder["out"]);
        await ExportAsync(format, s_split);
        Assert.Equal(first, ExporterTests.Snapshot(_folder["out"]));
        Assert.DoesNotContain(first, f => f.Contains(".unfinished", StringComparison.Ordinal) || f.Contains(".waiting", StringComparison.Ordinal) || f.Contains(".curator-export", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_card_shows_pictures_counts_by_part_the_measured_F1_and_how_to_read_the_set()
    {
        var report = await ExportAsync(ExportFormat.Coco, s_split);
        var card = await File.ReadAllTextAsync(_folder["out/README.md"], Token);
        Assert.Contains("![Pictures of each class](examples.png)", card);
        Assert.Contains("| class | images | train | val | test |", card);
        Assert.Contains($"| yes | {report.Classes["yes"]} | {string.Join(" | ", report.Split!.Parts.Select(p => p.Classes["yes"]))} |", card);
        Assert.Contains("| F1 | 0.", card);
        Assert.Contains("Counted afterwards: 0 contents in two parts", card);
        var size = await PythonAsync("import json,sys; from PIL import Image; i=Image.open(sys.argv[1]+'/examples.png'); i.load(); print(json.dumps([len(set(i.getdata()))]))");
        Assert.InRange((int)size[0]!, 20, int.MaxValue);
        var provenance = JsonNode.Parse(await File.ReadAllTextAsync(_folder["out/provenance.json"], Token))!;
        Assert.Equal(400, (int)provenance["counts"]!["images"]!);
        Assert.Equal(400, report.Split!.Parts.Sum(p => p.Classes.Values.Sum()));
        Assert.Contains((string)provenance["fingerprint"]!, card);
    }

    [Fact]
    public async Task A_format_for_places_asks_for_footprints()
    {
        await using var made = await SyntheticWorkspace.MakeAsync(Mixture.Draw(2, 4, 4, 1, 0.5, 0.1, 1));
        await made.AnswerAsync(made.Images[1], "yes");
        var error = await Assert.ThrowsAsync<WorkspaceException>(() =>
            Exporter.ExportAsync(made.Workspace, made.Task, ExportFormat.GeoJson, made["out"], new ExportOptions { HumanOnly = true }, Token));
        Assert.Contains("csv", error.NextStep);
    }

    private static double[] Ring(BoundingBox box) => [box.West, box.South, box.East, box.South, box.East, box.North, box.West, box.North, box.West, box.South];

    private Task<ExportReport> ExportAsync(ExportFormat format, ExportOptions options) => Exporter.ExportAsync(_made.Workspace, _made.Task, format, _folder["out"], options, Token);

    private async Task<JsonNode> PythonAsync(string script) => JsonNode.Parse(await OtherProgram.PythonAsync(script, _folder["out"]))!;

    private async Task<IReadOnlyList<float>> EmbeddingOf(ImageId image)
    {
        var partition = (await _made.Workspace.Catalog.GetPartitionsAsync(Token)).Single(p => p.Number == image.Partition);
        using var file = EmbeddingFile.Open(_made.Workspace.EmbeddingPath(partition, "mix@1"));
        var row = new float[file.Dimension];
        file.Read(image.Row, row);
        return row;
    }

    private void Compare(JsonNode read, Func<JsonNode?, (string Label, double? Confidence, string? Person)> tell)
    {
        var rows = read.AsObject().ToDictionary(p => p.Key, p => tell(p.Value));
        Assert.Equal(_set.Count, rows.Count);
        foreach (var expected in _set)
        {
            var row = rows[expected.Image.ToString()];
            Assert.Equal(expected.Class, row.Label);
            if (row.Confidence is { } confidence) Assert.Equal(expected.Confidence, confidence, 1e-5);
            if (row.Confidence is not null) Assert.Equal(expected.Person, row.Person);
        }
    }

    /// <summary>A task that was learned and swept, with an answer by somebody with a difficult name; nothing in it changes.</summary>
    public sealed class Swept : IAsyncLifetime
    {
        internal SyntheticWorkspace Made { get; private set; } = null!;

        internal List<FinalLabel> Set { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Made = await ExporterTests.SweptAsync();
            await Made.AnswerAsync(Made.Images[3], "yes", "Zoë, \"the 2nd\" 雪");
            Set = await FinalSet.ReadAsync(Made.Workspace, Made.Task, false, Token).ToListAsync(Token);
        }

        public ValueTask DisposeAsync() => Made.DisposeAsync();
    }
}
