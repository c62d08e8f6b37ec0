package org.mirror4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.file.FileException;
import org.mirror4j.support.SharedData;

class AnswerMatchingTest {
  private static final String HEADER = "index\tquestion\tsentence\tlabel\n";

  @TempDir Path data;
  @AutoClose private final HostDevice device = new HostDevice(1);

  private Path write(String text) throws IOException {
    Files.createDirectories(data.resolve("qnli"));
    return Files.writeString(data.resolve("qnli/dev.tsv"), text);
  }

  /** Texts are angles: 0, 59, 60 and 90 degrees apart, of which the first and third are answers. */
  @Test
  void cosinesRankAnswers() throws IOException {
    write(
        HEADER
            + "0\t10\t10\tentailment\n1\t0\t59\tnot_entailment\n"
            + "2\t20\t80\tentailment\n3\t0\t90\tnot_entailment\n");
    List<List<String>> asked = new ArrayList<>();
    MeasuredEncoder angles =
        (texts, vectors) -> {
          asked.add(texts);
          for (String text : texts) {
            double angle = Math.toRadians(Double.parseDouble(text));
            vectors.accept(new float[] {(float) Math.cos(angle), (float) Math.sin(angle)});
          }
        };
    List<Measurement> results = new ArrayList<>();
    EvaluationPlan.of(List.of(new Tasks(data).resolve("QNLI")), notice -> {})
        .evaluate(device, angles, task -> {}, results::add);
    assertThat(asked).containsExactly(List.of("10", "0", "59", "20", "80", "90"));
    Measurement result = results.getFirst();
    assertThat(results).hasSize(1);
    assertThat(result.measure()).isEqualTo(Measurement.Measure.AUC);
    assertThat(result.items()).isEqualTo(4);
    // Of the four pairs of an answer and none, that of 60 and 59 degrees is the wrong way round.
    assertThat(result.value()).isEqualTo(75.0);
  }

  /** As {@link org.mirror4j.task.classification.GlueFile} refuses rows. */
  @Test
  void badRows() throws IOException {
    Path file = write(HEADER + "0\tq\ts\tyes\n");
    assertThatThrownBy(() -> AnswerPairs.read(file, notice -> {}))
        .isInstanceOf(FileException.class)
        .hasMessage(file + ":2: the label is 'yes', expected entailment or not_entailment");
    write(HEADER + "0\tq\ts\tentailment\n");
    assertThatThrownBy(() -> AnswerPairs.read(file, notice -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(file + ": 1 pairs of entailment and 0 of not_entailment, expected both");
  }

  @Test
  void theHeaderNamesTheColumnsAndBlankLinesAreNoRows() throws IOException {
    Path other = write("label\tsentence\tquestion\nentailment\ts\tq\n\nnot_entailment\tt\tu\n\n");
    assertThat(AnswerPairs.read(other, notice -> {}).texts()).containsExactly("q", "s", "u", "t");
  }

  @Test
  void theDevelopmentSetOfGlue() {
    SharedData.require("data/qnli/dev.tsv.gz");
    AnswerPairs pairs =
        (AnswerPairs)
            new Tasks(SharedData.require("data"))
                .resolve("qnli")
                .tasks()
                .getFirst()
                .read(notice -> {});
    assertThat(pairs.pairs()).hasSize(5463);
    assertThat(pairs.pairs().stream().filter(AnswerPairs.AnswerPair::answers).count())
        .isBetween(2700L, 2762L);
    assertThat(pairs.pairs().get(1).question())
        .isEqualTo("What is the first major city in the stream of the Rhine?");
  }
}
