using SensorHub.Core;
using SensorHub.Core.Timing;

namespace SensorHub.Export.Tables;

/// <summary>Estimates as rows. Which tables there are, and what is in them, is said by whoever stores them; an export has the same.</summary>
/// <param name="Tables">All there are.</param>
/// <param name="Read">The row of a feature; null for one that has none.</param>
public sealed record EstimateSource(IReadOnlyList<EstimateTable> Tables, Func<Feature, EstimateRow?> Read);

/// <param name="Schema">The first column is the time.</param>
/// <param name="RollsUp">It comes many times a second: there is a row for each second of it besides.</param>
public sealed record EstimateTable(TableSchema Schema, bool RollsUp);

/// <param name="Cells">One for each column, the time included.</param>
public sealed record EstimateRow(EstimateTable Table, Timestamp Time, Cell[] Cells);
