namespace SensorHub.Bluetooth.Link;

/// <summary>Which stage of recovery comes next: the mild ones first, each a few times.</summary>
internal sealed class Recovery
{
    private static readonly RecoveryStage[] Ladder =
    [
        RecoveryStage.Resubscribe, RecoveryStage.Reconnect, RecoveryStage.Reconnect, RecoveryStage.Rediscover, RecoveryStage.Rediscover,
        RecoveryStage.PowerCycle, RecoveryStage.RestartHint,
    ];

    private int _steps;

    public RecoveryStage Stage => _steps == 0 ? RecoveryStage.None : Ladder[_steps - 1];

    /// <summary>It did not stream: the next stage.</summary>
    /// <param name="hasLink">Without one, there is nothing to subscribe to anew.</param>
    public RecoveryStage Next(bool hasLink)
    {
        _steps = Math.Min(_steps + 1, Ladder.Length);
        if (!hasLink && Stage == RecoveryStage.Resubscribe)
            _steps++;
        return Stage;
    }

    /// <summary>The stage was begun for something else, such as a link that was about to be lost.</summary>
    public void Undo() => _steps = Math.Max(_steps - 1, 0);

    /// <summary>It streams, and has for a while.</summary>
    public void Reset() => _steps = 0;
}
