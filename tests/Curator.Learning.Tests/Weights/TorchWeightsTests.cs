using System.Diagnostics;
using Curator.Core;
using Curator.Learning.Networks;
using Curator.Learning.Weights;

namespace Curator.Learning.Tests.Weights;

public sealed class TorchWeightsTests
{
    private const string Python = "/usr/bin/python3";

    [Fact]
    public void A_real_legacy_state_dict_equals_its_safetensors_copy()
    {
        var legacy = WeightFile.Read(TestData.Shared("weights/cifar_resnet/resnet20-12fca82f.th"));
        var copy = WeightFile.Read(TestData.Shared("weights/cifar_resnet/resnet20-12fca82f.safetensors")).ToDictionary(tensor => tensor.Name);

        Assert.True(copy.Count > 50);
        var compared = 0;
        foreach (var tensor in legacy)
        {
            // The copy's names lack the prefix of a data-parallel module.
            var name = copy.ContainsKey(tensor.Name) ? tensor.Name : tensor.Name.Replace("module.", "", StringComparison.Ordinal);
            if (!copy.TryGetValue(name, out var other)) continue;
            Assert.Equal(other.Shape, tensor.Shape);
            Assert.Equal(other.Values, tensor.Values);
            compared++;
        }
        Assert.True(compared > 50, $"only {compared} tensors have the same name");
    }

    [Theory]
    [InlineData("True")]
    [InlineData("False")]
    public void What_PyTorch_saves_in_either_form_is_read_to_the_bit_with_views_and_half_precision(string zip)
    {
        using var folder = new TemporaryFolder();
        RunPython($"""
            import torch, collections
            torch.manual_seed(3)
            base = torch.randn(4, 6)
            state = collections.OrderedDict(a=base, b=base.t()[1:3], c=torch.arange(5).half() / 4, d=torch.nn.Parameter(torch.tensor([1.5, -2.5])),
                e=torch.tensor([1.25, 3.0]).bfloat16(), f=torch.tensor(7), g=torch.tensor([0.1], dtype=torch.float64))
            torch.save(dict(epoch=3, state_dict=state), r"{folder["w.pth"]}", _use_new_zipfile_serialization={zip})
            torch.save(base.flatten().tolist(), r"{folder["expected.pt"]}", _use_new_zipfile_serialization=False)
            open(r"{folder["expected.txt"]}", "w").write(" ".join(repr(x) for x in base.flatten().tolist()))
            """);

        var tensors = WeightFile.Read(folder["w.pth"]).ToDictionary(tensor => tensor.Name);

        var expected = File.ReadAllText(folder["expected.txt"]).Split(' ').Select(text => (float)double.Parse(text, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(["a", "b", "c", "d", "e", "g"], tensors.Keys.Order());
        Assert.Equal(expected, tensors["a"].Values);
        Assert.Equal([2, 4], tensors["b"].Shape);
        for (var i = 0; i < 2; i++)
            for (var j = 0; j < 4; j++)
                Assert.Equal(expected[(j * 6) + i + 1], tensors["b"].Values[(i * 4) + j]);
        Assert.Equal([0, 0.25f, 0.5f, 0.75f, 1], tensors["c"].Values);
        Assert.Equal([1.5f, -2.5f], tensors["d"].Values);
        Assert.Equal([1.25f, 3], tensors["e"].Values);
        Assert.Equal([0.1f], tensors["g"].Values);
    }

    [Fact]
    public void A_pickle_that_would_run_a_program_is_refused_by_name_and_runs_nothing()
    {
        using var folder = new TemporaryFolder();
        foreach (var form in new[] { "True", "False" })
        {
            RunPython($"""
                import torch, os
                class Evil:
                    def __reduce__(self):
                        return (os.system, ("touch {folder["ran"]}",))
                torch.save(dict(a=torch.zeros(2), b=Evil()), r"{folder["evil.pth"]}", _use_new_zipfile_serialization={form})
                """);

            var error = Assert.Throws<CheckpointException>(() => WeightFile.Read(folder["evil.pth"]));

            Assert.Contains("posix.system", error.Message, StringComparison.Ordinal);
            Assert.False(File.Exists(folder["ran"]));
        }
    }

    [Fact]
    public void Cut_and_changed_files_are_refused_and_never_crash()
    {
        using var folder = new TemporaryFolder();
        var bytes = File.ReadAllBytes(TestData.Shared("weights/cifar_resnet/resnet20-12fca82f.th"));
        var random = new Random(5);
        for (var i = 0; i < 60; i++)
        {
            var damaged = i % 2 == 0 ? bytes[..random.Next(bytes.Length)] : bytes.ToArray();
            // The pickles stand at the start; the numbers behind them may be anything.
            for (var change = 0; change < 3 && i % 2 == 1; change++) damaged[random.Next(20_000)] = (byte)random.Next(256);
            File.WriteAllBytes(folder["damaged.th"], damaged);
            try
            {
                WeightFile.Read(folder["damaged.th"]);
            }
            catch (CheckpointException e)
            {
                Assert.NotEmpty(e.NextStep);
            }
        }
    }

    [Fact]
    public void The_weights_of_torchvision_fit_the_network_of_the_same_name_behind_any_prefix_and_others_are_refused_with_a_next_step()
    {
        using var folder = new TemporaryFolder();
        RunPython($"""
            import torch, torchvision
            torch.manual_seed(1)
            net = torchvision.models.resnet18()
            torch.save(net.state_dict(), r"{folder["plain.pth"]}")
            torch.save(dict(model=dict(("module.backbone." + k, v) for k, v in net.state_dict().items())), r"{folder["wrapped.pth"]}")
            torch.save(torch.nn.Sequential(*list(net.children())[:-1]).state_dict(), r"{folder["numbered.pth"]}")
            torch.save(torchvision.models.resnet50().state_dict(), r"{folder["fifty.pth"]}")
            """, "torchvision");
        var plan = Architectures.Plan(Architecture.Resnet18, 64);

        var plain = Map("plain.pth");

        Assert.Equal(100, plain.Count); // 20 convolutions with five tensors each
        foreach (var other in new[] { "wrapped.pth", "numbered.pth" })
            Assert.All(Map(other).Zip(plain), pair => Assert.True(pair.First.Name == pair.Second.Name && pair.First.Values.AsSpan().SequenceEqual(pair.Second.Values)));
        Assert.Equal(265, ForeignNames.Map(WeightFile.Read(folder["fifty.pth"]), Architectures.Plan(Architecture.Resnet50, 64), "fifty").Count);
        var narrow = Assert.Throws<CheckpointException>(() => ForeignNames.Map(WeightFile.Read(folder["plain.pth"]), Architectures.Plan(Architecture.Resnet18, 32), "plain"));
        Assert.Contains("--width 64", narrow.NextStep, StringComparison.Ordinal);
        Assert.Throws<CheckpointException>(() => ForeignNames.Map(WeightFile.Read(folder["fifty.pth"]), plan, "fifty"));
        var bands = ForeignNames.Map(WeightFile.Read(folder["plain.pth"]), Architectures.Plan(Architecture.Resnet18, 64, channels: 5), "plain");
        Assert.Equal([64, 5, 7, 7], bands[0].Shape);
        Assert.Equal(plain[0].Values.Sum(value => (double)value), bands[0].Values.Sum(value => (double)value), 1e-2);

        IReadOnlyList<NamedTensor> Map(string file) => ForeignNames.Map(WeightFile.Read(folder[file]), plan, file);
    }

    private static void RunPython(string program, string module = "torch")
    {
        Assert.SkipUnless(File.Exists(Python) && Exit($"import {module}") == 0, $"{Python} has no {module}.");
        Assert.Equal(0, Exit(program));
    }

    private static int Exit(string program)
    {
        using var process = Process.Start(new ProcessStartInfo(Python) { ArgumentList = { "-W", "ignore", "-c", program }, RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }
}
