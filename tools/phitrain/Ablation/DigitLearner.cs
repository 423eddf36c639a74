using EdgeGateway.Windows.Fields;
using Microsoft.ML;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Microsoft.ML.Trainers.FastTree;

namespace EdgeGateway.PhiTrain.Ablation;

/// <summary>A learner without a language model.</summary>
internal enum LearnerKind
{
    /// <summary>Boosted trees on the digits as numbers.</summary>
    Trees,

    /// <summary>Logistic regression with a weight for each digit of each field.</summary>
    Logistic,
}

/// <summary>What is learnt of one window.</summary>
internal sealed record LabelledDigits(byte[] Digits, bool Anomalous, double Weight);

/// <summary>A fitted learner: digits -> log-odds of "not normal". Equal rows give an equal learner.</summary>
internal sealed class DigitLearner
{
    private const int Levels = FieldLevels.Absent + 1;
    private readonly LearnerKind kind;
    private readonly MLContext context = new(seed: 1);
    private readonly int digits;
    private readonly ITransformer fitted;
    private readonly PlattCalibrator calibrator;

    /// <summary>Fits rows of <paramref name="digits"/> digits.</summary>
    public DigitLearner(LearnerKind kind, int digits, IEnumerable<LabelledDigits> rows)
    {
        (this.kind, this.digits) = (kind, digits);
        var view = View(rows);
        (fitted, calibrator) = kind == LearnerKind.Trees ? Fit(context.BinaryClassification.Trainers.FastTree(Trees), view) : Fit(context.BinaryClassification.Trainers.LbfgsLogisticRegression(Logistic), view);
    }

    /// <summary>The committee's trees of the detection recipe, section 7.</summary>
    private static FastTreeBinaryTrainer.Options Trees => new()
    {
        NumberOfTrees = 120,
        LearningRate = .12,
        NumberOfLeaves = 10,
        MinimumExampleCountPerLeaf = 100,
        ExampleWeightColumnName = nameof(Row.Weight),
    };

    /// <summary>One thread, because the order of sums would differ from run to run.</summary>
    private static LbfgsLogisticRegressionBinaryTrainer.Options Logistic => new()
    {
        L1Regularization = 0,
        NumberOfThreads = 1,
        ExampleWeightColumnName = nameof(Row.Weight),
    };

    /// <summary>Log-odds of "not normal" of each window.</summary>
    public double[] Score(IEnumerable<byte[]> windows) =>
        [.. fitted.Transform(View(windows.Select(w => new LabelledDigits(w, Anomalous: false, 1)))).GetColumn<float>("Score").Select(score => -((calibrator.Slope * score) + calibrator.Offset))];

    private static (ITransformer Fitted, PlattCalibrator Calibrator) Fit<TModel>(IEstimator<BinaryPredictionTransformer<CalibratedModelParametersBase<TModel, PlattCalibrator>>> trainer, IDataView rows)
        where TModel : class
    {
        var fitted = trainer.Fit(rows);
        return (fitted, fitted.Model.Calibrator);
    }

    private IDataView View(IEnumerable<LabelledDigits> rows)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, kind == LearnerKind.Trees ? digits : digits * Levels);
        return context.Data.LoadFromEnumerable(rows.Select(r => new Row { Features = Features(r.Digits), Label = r.Anomalous, Weight = (float)r.Weight }).ToArray(), schema);
    }

    private VBuffer<float> Features(byte[] window) => kind == LearnerKind.Trees
        ? new VBuffer<float>(digits, [.. window.Select(d => (float)d)])
        : new VBuffer<float>(digits * Levels, digits, [.. Enumerable.Repeat(1f, digits)], [.. window.Select((d, field) => (field * Levels) + d)]);

    private sealed class Row
    {
        public VBuffer<float> Features { get; set; }

        public bool Label { get; set; }

        public float Weight { get; set; }
    }
}
