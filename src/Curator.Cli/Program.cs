using Curator.Cli;

return await CommandLine.InvokeAsync(args, Terminal.ForProcess());
