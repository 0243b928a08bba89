using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Curator.Server.Places;
using Curator.Server.Security;

namespace Curator.Server;

/// <summary>How the labeling page is served; section <c>serve</c> of the settings.</summary>
public sealed record ServeOptions : IValidatableObject
{
    [Description("Address to listen on: an IP address or localhost. Anything but loopback needs TLS or --behind-proxy.")]
    [Required]
    public string Host { get; init; } = "127.0.0.1";

    [Description("Port to listen on; 0 takes any free one.")]
    [Range(0, 65535)]
    public int Port { get; init; } = 5178;

    [Description("Listen on this machine's address in the local network, with a certificate made here unless one is given, so that phones can reach it.")]
    public bool Share { get; init; }

    [Description("A reverse proxy in front of this server does TLS; its X-Forwarded-* headers are believed.")]
    public bool BehindProxy { get; init; }

    [Description("Further host names under which the page may be asked for, separated by commas; needed with --behind-proxy.")]
    public string AllowedHosts { get; init; } = "";

    [Description("TLS certificate with its key: a .pfx file without password, or a .pem file that holds both.")]
    public string? Certificate { get; init; }

    [Description("The task that the link opens and is limited to; without it the link shows all tasks.")]
    public string? Task { get; init; }

    [Description("What the holder of the link may do: viewer, labeler, reviewer or owner. Default: owner on loopback, labeler when shared.")]
    public Role? LinkRole { get; init; }

    [Description("How long a link and the sessions opened with it stay valid.")]
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00")]
    public TimeSpan LinkLifetime { get; init; } = TimeSpan.FromDays(7);

    [Description("How long a picture handed to one person is kept back from the others.")]
    [Range(typeof(TimeSpan), "00:00:05", "1.00:00:00")]
    public TimeSpan LeaseTime { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>Whether this server runs the rounds and sweeps that pages ask for; false beside a command that runs the rounds itself. No flag.</summary>
    public bool RunsLearning { get; init; } = true;

    /// <summary>The program and arguments of a child that decodes what visitors send (<see cref="Curator.Imagery.Isolated.DecoderWorker"/>); null to decode in this process. No flag.</summary>
    public IReadOnlyList<string>? DecoderCommand { get; init; }

    /// <summary>Requests with answers that may wait for the disk at a time; more are told to come back (503) instead of piling up in memory. No flag.</summary>
    internal int MostWaiting { get; init; } = 2_000;

    /// <summary>How long a client may take to send the head of a request. No flag.</summary>
    internal TimeSpan HeaderPatience { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a client may send or take next to nothing before it is cut off. No flag.</summary>
    internal TimeSpan SlowPatience { get; init; } = TimeSpan.FromSeconds(10);

    [Description("Encoded pictures kept in memory, in MiB.")]
    [Range(0, 16_384)]
    public int PictureCacheMebibytes { get; init; } = 64;

    [Description("Browser extensions that may search here, by id, separated by commas; the one that `curator extension` writes unless others are given, none when empty.")]
    public string Extensions { get; init; } = "kpihfmddpbpodgookgfhcfoaeldeofcg";

    [Description("Hosts from which the server may fetch pictures to search by, separated by commas; with a port where it is not 443. Without any it fetches nothing.")]
    public string FetchHosts { get; init; } = "";

    [Description("Pictures under the footprints of the places page, fetched by the browser from that host: gibs for NASA's daily imagery, or an address of tiles with {z}, {y}, {x}. Without it the page calls no other host.")]
    public string MapBackground { get; init; } = "";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Backgrounds.FaultOf(MapBackground) is { } fault) yield return new ValidationResult(fault);
    }
}
