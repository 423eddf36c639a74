using EdgeGateway.Settings;

namespace EdgeGateway.Tests.Settings;

public class MaintenanceWindowTests
{
    private static readonly DateTimeOffset Noon = Tests.Any.Noon;
    private static readonly MaintenanceWindow Once = new("wash", ["line-1/pump-1", "line-2/*"], Noon, TimeSpan.FromHours(2), null);

    [Theory]
    [InlineData("line-1/pump-1", true)]
    [InlineData("line-1/pump-10", false)]
    [InlineData("line-1", false)]
    [InlineData("line-2/", true)]
    [InlineData("line-2/fan/3", true)]
    [InlineData("Line-2/fan", false)]
    public void It_covers_assets_by_name_or_by_their_beginning(string asset, bool covered) => Assert.Equal(covered, Once.Covers(asset));

    [Theory]
    [InlineData(-0.001, null)]
    [InlineData(0, 2)]
    [InlineData(1.999, 2)]
    [InlineData(2, null)]
    [InlineData(24, null)]
    public void It_lasts_from_its_begin_to_before_its_end(double hours, int? end) => Assert.Equal(Hours(end), Once.EndAt(Noon.AddHours(hours)));

    [Theory]
    [InlineData(-23, null)]
    [InlineData(1, 2)]
    [InlineData(3, null)]
    [InlineData(24, 26)]
    [InlineData(26, null)]
    [InlineData(24_000, 24_002)]
    public void It_comes_again_every_day_from_its_first_begin_on(double hours, int? end) =>
        Assert.Equal(Hours(end), (Once with { Repeat = TimeSpan.FromDays(1) }).EndAt(Noon.AddHours(hours)));

    [Fact]
    public void One_that_is_as_long_as_a_day_has_no_pause()
    {
        var always = Once with { Length = TimeSpan.FromDays(1), Repeat = TimeSpan.FromDays(1) };
        Assert.Equal(Hours(24), always.EndAt(Noon.AddHours(23.9)));
        Assert.Equal(Hours(48), always.EndAt(Noon.AddHours(24)));
    }

    [Fact]
    public void Times_are_read_with_their_offset_and_windows_of_several_files_merge_by_name()
    {
        var alerts = SettingsReader.Read([Layer("site", """{ "wash": { "assets": ["a"], "from": "2026-11-28T06:00+01:00", "until": "2026-11-28T08:00:00+01:00" }, "oil": { "assets": ["b"], "from": "2026-11-28T06:00:00Z", "until": "2026-11-28T06:30Z" } }"""),
            Layer("twin", """{ "wash": { "assets": ["*"], "from": "2026-11-29T23:30:00-02:30", "until": "2026-11-30T02:30:00Z", "repeat": "weekly" } }""")]);
        Assert.Empty(alerts.Errors);
        Assert.Equal(
            ["wash * 2026-11-30T02:00:00Z 00:30:00 7.00:00:00", "oil b 2026-11-28T06:00:00Z 00:30:00 "],
            alerts.Settings!.Alerts.Maintenance.Select(w => $"{w.Name} {w.Assets[0]} {w.From:yyyy-MM-ddTHH:mm:ssZ} {w.Length} {w.Repeat}"));
        Assert.Equal(["alerts.maintenance.wash twin", "alerts.maintenance.oil site"], alerts.Sections.Where(s => s.Name.StartsWith("alerts.", StringComparison.Ordinal)).Select(s => $"{s.Name} {s.Origin}"));
    }

    [Fact]
    public void The_65th_window_is_one_too_many()
    {
        var windows = string.Join(", ", Enumerable.Range(0, 65).Select(i => $$""" "w{{i}}": { "assets": ["a"], "from": "2026-11-28T06:00Z", "until": "2026-11-28T07:00Z" } """));
        var error = Assert.Single(SettingsReader.Read([Layer("site", $"{{ {windows} }}")]).Errors);
        Assert.Equal("alerts.maintenance.w64 is one maintenance window too many; at most 64 are possible.", error.Sentence);
    }

    private static SettingsLayer Layer(string origin, string maintenance) =>
        new(System.Text.Encoding.UTF8.GetBytes(SettingsSamples.With(SettingsSamples.Minimal, "alerts.maintenance", maintenance)), origin);

    private static DateTimeOffset? Hours(int? end) => end is { } hours ? Noon.AddHours(hours) : null;
}
