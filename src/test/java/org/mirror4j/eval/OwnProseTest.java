package org.mirror4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.eval.Measurement.Measure;
import org.mirror4j.file.FileException;
import org.mirror4j.predict.MaskedLoss;
import org.mirror4j.text.TextException;
import org.mirror4j.text.mask.MaskScheme;

class OwnProseTest {
  @TempDir Path folder;
  @AutoClose private final HostDevice device = new HostDevice(1);

  private static EvaluationTask task(Object file) {
    return new Tasks(null).resolve("masked-loss:" + file).tasks().getFirst();
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  @Test
  void spansAreAskedForBehindTheFile() throws IOException {
    Path file = write("a:b.txt", "A line.\n");
    assertThat(task(file).read(_ -> {})).isEqualTo(new MaskedProse(file, MaskScheme.TOKENS));
    assertThat(task(file).name()).isEqualTo("a:b.txt");
    EvaluationTask spans =
        new Tasks(null).resolve("Masked_Loss:" + file + ":SPANS").tasks().getFirst();
    assertThat(spans.read(_ -> {})).isEqualTo(new MaskedProse(file, MaskScheme.SPANS));
    assertThat(spans.name()).isEqualTo("a:b.txt:spans");
    assertThatThrownBy(() -> task(file + ":words"))
        .isInstanceOf(FileException.class)
        .hasMessage("task masked-loss: no such file: " + file + ":words");
  }

  /** Whichever form of a file is there, scores of it have one name. */
  @Test
  void theNameIsTheOneThatIsAskedFor() throws IOException {
    Path there = write("prose.txt", "A line.\n");
    EvaluationTask task = task(there + ".gz:spans");
    assertThat(task.name()).isEqualTo("prose.txt.gz:spans");
    assertThat(task.files()).containsExactly(there);
    assertThat(task.read(_ -> {})).isEqualTo(new MaskedProse(there, MaskScheme.SPANS));
    write("words.txt.gz", "one\ntwo\nthree\n");
    Path words = folder.resolve("words.txt");
    EvaluationTask texts = new Tasks(null).resolve("isotropy:" + words).tasks().getFirst();
    assertThat(texts.name()).isEqualTo("words.txt");
    assertThat(texts.read(_ -> {}).texts()).containsExactly("one", "two", "three");
  }

  @Test
  void whatIsNoProseIsRefusedBeforeAnythingIsComputed() throws IOException {
    Path empty = write("empty.txt", "");
    assertThatThrownBy(() -> task(empty).read(_ -> {}))
        .isInstanceOf(TextException.class)
        .hasMessage(empty + " is empty");
    Path blank = write("blank.txt", "\n  \n");
    assertThatThrownBy(() -> task(blank).read(_ -> {})).hasMessage(blank + ": no texts");
    Path damaged =
        Files.write(folder.resolve("damaged.txt"), new byte[] {'a', '\n', 'b', (byte) 0xff, '\n'});
    assertThatThrownBy(() -> task(damaged).read(_ -> {}))
        .isInstanceOf(TextException.class)
        .hasMessage(damaged + ":2: not UTF-8");
    Path wide = write("wide.txt", "a b\n\n" + "a ".repeat(50_001));
    assertThatThrownBy(() -> task(wide).read(_ -> {}))
        .isInstanceOf(TextException.class)
        .hasMessage(wide + ":3: longer than 100,000 characters");
    write("wide.txt", "a b\n\n" + "a ".repeat(50_000));
    assertThat(task(wide).read(_ -> {}).texts()).isEmpty();
  }

  /** An encoder of a model with such losses. */
  private record Losses(MaskedLoss.Result result) implements MeasuredEncoder {
    @Override
    public void encode(List<String> texts, Consumer<float[]> vectors) {
      throw new AssertionError("no vectors are asked for");
    }

    @Override
    public MaskedLoss.Result maskedLoss(Path text, MaskScheme scheme) {
      assertThat(text).hasFileName("own.txt");
      assertThat(scheme).isEqualTo(MaskScheme.SPANS);
      return result;
    }
  }

  private List<Measurement> measure(MeasuredEncoder encoder) throws IOException {
    Path file = write("own.txt", "A line.\n");
    List<Measurement> measured = new ArrayList<>();
    EvaluationPlan.of(List.of(new Tasks(null).resolve("masked-loss:" + file + ":spans")), _ -> {})
        .evaluate(device, encoder, _ -> {}, measured::add);
    return measured;
  }

  @Test
  void eachHeadHasItsLoss() throws IOException {
    MaskedLoss.Mean masked = new MaskedLoss.Mean(2.5, 40);
    String task = "own.txt:spans";
    assertThat(measure(new Losses(new MaskedLoss.Result(masked, Optional.empty()))))
        .containsExactly(new Measurement(task, Measure.MASKED_LOSS, 2.5, 40, 0));
    assertThat(
            measure(
                new Losses(
                    new MaskedLoss.Result(masked, Optional.of(new MaskedLoss.Mean(3.5, 30))))))
        .containsExactly(
            new Measurement(task, Measure.MASKED_LOSS, 2.5, 40, 0),
            new Measurement(task, Measure.SPAN_BOUNDARY_LOSS, 3.5, 30, 0));
    Measurement nothing =
        measure(
                new Losses(
                    new MaskedLoss.Result(masked, Optional.of(new MaskedLoss.Mean(Double.NaN, 0)))))
            .getLast();
    assertThat(nothing.value()).isNaN();
    assertThat(nothing.notes()).containsExactly("no span has text on both sides");
  }

  @Test
  void vectorsAloneHaveNone() {
    assertThatThrownBy(() -> measure((texts, vectors) -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("own.txt:spans: encoder: of no masked language model");
  }
}
