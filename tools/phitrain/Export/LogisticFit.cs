using EdgeGateway.Prompts;

namespace EdgeGateway.PhiTrain.Export;

/// <summary>Logistic regression of one number (Platt scaling, 1999), by Newton's method with halved steps.</summary>
internal static class LogisticFit
{
    private const int Iterations = 50;
    private const double SmallestStep = 1e-6;

    /// <summary>Keeps the fit finite where the scores part the classes entirely.</summary>
    private const double Ridge = 1e-2;

    /// <summary>The map of scores to probabilities under which these classes are likeliest.</summary>
    public static ScoreCalibration Of(IReadOnlyList<(double Score, bool Anomalous)> scored)
    {
        var (slope, offset) = (0.0, 0.0);
        var loss = Loss(scored, slope, offset);
        for (var i = 0; i < Iterations; i++)
        {
            var (ds, doffset) = Newton(scored, slope, offset);
            var step = 1.0;
            while (step > SmallestStep && !(Loss(scored, slope + (step * ds), offset + (step * doffset)) < loss))
            {
                step /= 2;
            }

            if (step <= SmallestStep)
            {
                break;
            }

            (slope, offset) = (slope + (step * ds), offset + (step * doffset));
            loss = Loss(scored, slope, offset);
        }

        return new ScoreCalibration(Math.Round(slope, 4), Math.Round(offset, 4));
    }

    private static (double Slope, double Offset) Newton(IReadOnlyList<(double Score, bool Anomalous)> scored, double slope, double offset)
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
        return (((hoo * gs) - (hso * go)) / determinant, ((hss * go) - (hso * gs)) / determinant);
    }

    /// <summary>Negative logarithm of the likelihood, and the ridge.</summary>
    private static double Loss(IReadOnlyList<(double Score, bool Anomalous)> scored, double slope, double offset)
    {
        var sum = Ridge * ((slope * slope) + (offset * offset)) / 2;
        foreach (var (score, anomalous) in scored)
        {
            var z = ((slope * score) + offset) * (anomalous ? -1 : 1);
            sum += z > 0 ? z + Math.Log(1 + Math.Exp(-z)) : Math.Log(1 + Math.Exp(z));
        }

        return sum;
    }
}
