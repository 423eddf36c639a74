using System.Globalization;
using EdgeGateway.PhiTrain.Commands;

namespace EdgeGateway.PhiTrain.Training;

/// <summary>What people see of a training: progress with loss, validation F1 and time left, and the curves in its log. Thread-safe.</summary>
internal sealed class TrainingWatch(ProgressLog log, TrainingLog curves, Validation validation)
{
    /// <summary>A part of the training is validated so often, and at its end.</summary>
    private const int Validations = 6;

    private const int FewestSteps = 5;
    private readonly TrainingLog curves = curves;
    private readonly Validation validation = validation;

    /// <summary>A part begins, or goes on from <paramref name="done"/>.</summary>
    public Part Start(string name, int steps, int done) => new(this, name, steps, log.Start($"{name}: step", steps, done));

    /// <summary>One part; used by one thread.</summary>
    internal sealed class Part(TrainingWatch watch, string name, int steps, ProgressLog.Part progress)
    {
        private readonly int stepsPerValidation = Math.Max(FewestSteps, (steps + Validations - 1) / Validations);
        private string validated = "";

        /// <summary>A step was done.</summary>
        /// <param name="loss">Of its batch.</param>
        /// <param name="average">The averaged student, which is the one that counts.</param>
        public void Report(TrainingState state, double loss, Student average)
        {
            double? f1 = null;
            if (state.Step % stepsPerValidation == 0 || state.Step == steps)
            {
                f1 = watch.validation.Score(average).F1;
                validated = string.Create(CultureInfo.InvariantCulture, $", validation F1 {f1:0.000}");
            }

            watch.curves.Add(new TrainingPoint(name, state.Step, steps, loss, f1));
            progress.Report(state.Step, string.Create(CultureInfo.InvariantCulture, $", loss {state.Loss:0.0000}{validated}"));
        }
    }
}
