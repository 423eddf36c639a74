using EdgeGateway.Prompts;

namespace EdgeGateway.PhiTrain.Adapters;

/// <summary>Logistic regression of one number (Platt scaling, 1999), by Newton's method.</summary>
internal static class LogisticFit
{
    private const int Iterations = 30;

    /// <summary>Keeps the fit finite where the scores part the classes entirely.</summary>
    private const double Ridge = 1e-3;

    /// <summary>The map of scores to probabilities that is the likeliest for these.</summary>
    public static ScoreCalibration Of(IReadOnlyList<(double Score, bool Anomalous)> scored)
    {
        var (slope, offset) = (1.0, 0.0);
        for (var i = 0; i < Iterations; i++)
        {
            var (gs, go, hss, hso, hoo) = (-Ridge * slope, -Ridge * offset, Ridge, 0.0, Ridge);
            foreach (var (score, anomalous) in scored)
            {
                var p = 1 / (1 + Math.Exp(-((slope * score) + offset)));
                var (error, weight) = ((anomalous ? 1 : 0) - p, p * (1 - p));
                (gs, go) = (gs + (error * score), go + error);
                (hss, hso, hoo) = (hss + (weight * score * score), hso + (weight * score), hoo + weight);
            }

            var determinant = (hss * hoo) - (hso * hso);
            (slope, offset) = (slope + (((hoo * gs) - (hso * go)) / determinant), offset + (((hss * go) - (hso * gs)) / determinant));
        }

        return new ScoreCalibration(Math.Round(slope, 4), Math.Round(offset, 4));
    }
}
