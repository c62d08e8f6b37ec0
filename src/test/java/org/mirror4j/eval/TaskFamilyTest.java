package org.mirror4j.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;

/** A family that is no similarity of pairs: two files, two measures. */
class TaskFamilyTest {
  @TempDir Path folder;
  @AutoClose private final HostDevice device = new HostDevice(1);

  private record Lengths(String name, List<Path> files) implements EvaluationTask {
    @Override
    public TaskData read(Consumer<String> notices) {
      return new Data(files.stream().map(Path::toString).toList());
    }
  }

  private record Data(List<String> texts) implements TaskData {
    @Override
    public List<Measurement> measure(String task, Device device, MeasuredEncoder encoder) {
      return List.of(
          new Measurement(task, Measurement.Measure.ISOTROPY, 1, texts.size(), 0),
          new Measurement(task, Measurement.Measure.SPEARMAN, texts.size(), texts.size(), 0));
    }
  }

  @Test
  void ofSeveralMeasuresThoseWithAMeanHaveOne() {
    TaskGroup group =
        TaskGroup.averaged(
            "all",
            List.of(
                new Lengths("a", List.of(folder.resolve("1"), folder.resolve("2"))),
                new Lengths("b", List.of(folder.resolve("1")))));
    List<Measurement> results = new ArrayList<>();
    EvaluationPlan.of(List.of(group), notice -> {})
        .evaluate(device, (texts, vectors) -> {}, task -> {}, results::add);
    assertThat(results).extracting(Measurement::task).containsExactly("a", "a", "b", "b", "all");
    assertThat(results.getLast())
        .isEqualTo(new Measurement("all", Measurement.Measure.MEAN_SPEARMAN, 1.5, 3, 0));
    assertThat(results.getLast().notes()).isEmpty();
  }

  @Test
  void aMeasureThatOneMemberLacksHasNoMean() throws Exception {
    Path texts = Files.writeString(folder.resolve("texts"), "a\nb\n");
    EvaluationTask isotropy = new Tasks(null).resolve("isotropy:" + texts).tasks().getFirst();
    TaskGroup group =
        TaskGroup.averaged("all", List.of(isotropy, new Lengths("b", List.of(texts))));
    List<Measurement> results = new ArrayList<>();
    EvaluationPlan.of(List.of(group), notice -> {})
        .evaluate(
            device,
            (asked, vectors) -> asked.forEach(text -> vectors.accept(new float[] {1})),
            task -> {},
            results::add);
    assertThat(results).extracting(Measurement::task).doesNotContain("all");
  }

  @Test
  void namesAreComparedWithoutCaseAndArgumentsKeepIt() {
    assertThat(new TaskName("EN_Rg-65").is("en-RG-65")).isTrue();
    assertThat(new TaskName("Pairs:Some_File:x").argument("pairs")).contains("Some_File:x");
    assertThat(new TaskName("pairs:x").argument("isotropy")).isEqualTo(Optional.empty());
    for (String none : new String[] {"pairs:", ":pairs", "pairs"}) {
      assertThat(new TaskName(none).hasArgument()).as(none).isFalse();
    }
  }
}
