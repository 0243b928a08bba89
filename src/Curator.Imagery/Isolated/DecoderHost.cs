using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Curator.Core.Images;

namespace Curator.Imagery.Isolated;

/// <summary>What a child that decodes may use.</summary>
public sealed record DecoderLimits
{
    /// <summary>For one picture, from its first byte to its last pixel. A child that needs longer is ended.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>For a child to start, besides.</summary>
    public TimeSpan Start { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Private memory of a child, enforced by the system; a little more than the largest picture with its copy.</summary>
    public long MemoryBytes { get; init; } = 1000L << 20;

    /// <summary>Most pixels a picture may have.</summary>
    public long Pixels { get; init; } = 64_000_000;

    /// <summary>Children at a time.</summary>
    public int Processes { get; init; } = 2;
}

/// <summary>A picture from a child, or why there is none.</summary>
/// <param name="Channels">As stored in the file.</param>
/// <param name="BitDepth">As stored in the file.</param>
public sealed record IsolatedPicture(RgbImage? Image, int Channels, int BitDepth, ImageProblem? Problem, string Detail);

/// <summary>
/// Decodes pictures of strangers in processes of their own: what hangs is ended after a time, what asks for too much memory gets none, what crashes a decoder ends a child and not the caller;
/// the next picture finds a new child. Each picture is decoded or refused with a reason. Thread-safe. Cost: a start of the program (about 0.1 s) for each child, and two copies of the pixels
/// through a pipe.
/// </summary>
/// <param name="command">The program and its arguments that run <see cref="DecoderWorker"/>.</param>
public sealed class DecoderHost(IReadOnlyList<string> command, DecoderLimits? limits = null) : IAsyncDisposable
{
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(2);

    private readonly DecoderLimits _limits = limits ?? new DecoderLimits();
    private readonly SemaphoreSlim _free = new((limits ?? new DecoderLimits()).Processes);
    private readonly ConcurrentBag<Child> _idle = [];
    private long _ended;

    /// <summary>Children that had to be ended or ended themselves.</summary>
    public long Ended => Interlocked.Read(ref _ended);

    /// <summary>Largest working set of any child after a picture, bytes.</summary>
    public long PeakBytes { get; private set; }

    /// <param name="file">The bytes of a picture file.</param>
    /// <param name="side">Longest side wanted; larger pictures are shrunk by the child. 0 for as they are.</param>
    public async Task<IsolatedPicture> DecodeAsync(ReadOnlyMemory<byte> file, int side, CancellationToken cancellationToken)
    {
        if (file.IsEmpty) return Refused(ImageProblem.Empty, "the file has no bytes");
        await _free.WaitAsync(cancellationToken);
        try
        {
            if (!_idle.TryTake(out var child)) child = Child.Start(command);
            using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            time.CancelAfter(_limits.Time + (child.IsNew ? _limits.Start : TimeSpan.Zero));
            try
            {
                var picture = await child.AskAsync(file, _limits.Pixels, side, time.Token);
                PeakBytes = Math.Max(PeakBytes, child.WorkingSet);
                _idle.Add(child);
                return picture;
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or InvalidDataException)
            {
                Interlocked.Increment(ref _ended);
                var how = await child.EndAsync(e is IOException ? s_farewell : TimeSpan.Zero);
                cancellationToken.ThrowIfCancellationRequested();
                return e is OperationCanceledException
                    ? Refused(ImageProblem.Corrupt, $"its decoder worked longer than {_limits.Time.TotalSeconds:0.#} s and was stopped")
                    : Refused(ImageProblem.Corrupt, $"its decoder ended ({how})");
            }
        }
        finally
        {
            _free.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        while (_idle.TryTake(out var child)) await child.EndAsync(TimeSpan.Zero);
        _free.Dispose();
    }

    private static IsolatedPicture Refused(ImageProblem problem, string detail) => new(null, 0, 0, problem, detail);

    private sealed class Child(Process process)
    {
        private readonly Stream _in = process.StandardInput.BaseStream;
        private readonly Stream _out = process.StandardOutput.BaseStream;

        public bool IsNew { get; private set; } = true;

        public long WorkingSet
        {
            get
            {
                process.Refresh();
                return process.PeakWorkingSet64;
            }
        }

        public static Child Start(IReadOnlyList<string> command)
        {
            var start = new ProcessStartInfo(command[0]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = false, UseShellExecute = false };
            foreach (var argument in command.Skip(1)) start.ArgumentList.Add(argument);
            // A small heap that is given back: the limit on private memory counts what the runtime sets aside.
            start.Environment["DOTNET_gcConcurrent"] = "0";
            start.Environment["DOTNET_gcServer"] = "0";
            start.Environment["DOTNET_TieredPGO"] = "0";
            return new Child(Process.Start(start) ?? throw new IOException($"{command[0]} did not start"));
        }

        public async Task<IsolatedPicture> AskAsync(ReadOnlyMemory<byte> file, long pixels, int side, CancellationToken cancellationToken)
        {
            var head = new byte[DecoderWorker.RequestBytes];
            BinaryPrimitives.WriteInt32LittleEndian(head, file.Length);
            BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(4), pixels);
            BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(12), side);
            await _in.WriteAsync(head, cancellationToken);
            await _in.WriteAsync(file, cancellationToken);
            await _in.FlushAsync(cancellationToken);
            var answer = new byte[DecoderWorker.AnswerBytes];
            await _out.ReadExactlyAsync(answer, cancellationToken);
            var (first, second) = (BinaryPrimitives.ReadInt32LittleEndian(answer.AsSpan(1)), BinaryPrimitives.ReadInt32LittleEndian(answer.AsSpan(5)));
            // The child reads strangers' bytes: its answer is not believed either.
            if (answer[0] == 1)
            {
                if (!Enum.IsDefined((ImageProblem)first) || second is < 0 or > 1 << 16) throw new InvalidDataException("the child's answer makes no sense");
                var detail = new byte[second];
                await _out.ReadExactlyAsync(detail, cancellationToken);
                IsNew = false;
                return Refused((ImageProblem)first, Encoding.UTF8.GetString(detail));
            }

            if (answer[0] != 0 || first < 1 || second < 1 || (long)first * second > pixels) throw new InvalidDataException("the child's answer makes no sense");
            var rgb = new byte[3L * first * second];
            await _out.ReadExactlyAsync(rgb, cancellationToken);
            IsNew = false;
            return new IsolatedPicture(
                new RgbImage(first, second, rgb), BinaryPrimitives.ReadInt32LittleEndian(answer.AsSpan(9)), BinaryPrimitives.ReadInt32LittleEndian(answer.AsSpan(13)), null, "");
        }

        /// <summary>Ends the process and says how it went.</summary>
        /// <param name="farewell">What it gets to end by itself: the system closes a dying process's pipes before it tells of its end.</param>
        public async Task<string> EndAsync(TimeSpan farewell)
        {
            var itself = process.HasExited;
            if (!itself && farewell > TimeSpan.Zero)
            {
                using var time = new CancellationTokenSource(farewell);
                await process.WaitForExitAsync(time.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                itself = process.HasExited;
            }

            if (!itself) process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
            var how = itself ? $"exit code {process.ExitCode}" : "it was stopped";
            process.Dispose();
            return how;
        }
    }
}
