package org.mirror4j.method.finetune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.support.SmallModel;
import org.mirror4j.task.Examples;
import org.mirror4j.text.PackedBatch;
import org.mirror4j.text.TokenizedText;

class TaskBatchesTest {
  private static final BertConfig CONFIG =
      SmallModel.config(BertConfig.Family.BERT, 20, 24, 1, GeluForm.ERF);

  /** Texts of four tokens, the last one of a type. */
  private record Texts(int size, int type, List<Integer> asked) implements Examples<int[]> {
    Texts(int size, int type) {
      this(size, type, new ArrayList<>());
    }

    @Override
    public TokenizedText text(int example) {
      asked.add(example);
      int[] none = new int[4];
      return new TokenizedText(new int[] {2, 7, 8, 3}, new int[] {0, 0, 0, type}, none, none, none);
    }

    @Override
    public int[] targets(int[] examples, PackedBatch packed) {
      return examples;
    }

    @Override
    public int predictions(int example) {
      return 1;
    }
  }

  private static TaskBatches batches(int batchSize, int deviceTokens) {
    FineTuningSettings settings =
        ToyRun.settings()
            .with(Map.of("batchSize", batchSize, "deviceTokens", deviceTokens, "maxLength", 4));
    return new TaskBatches(settings, CONFIG, 1);
  }

  /** Parts beyond those would have the dropout of others. */
  @Test
  void aStepHasNoMorePartsThanDropoutTellsApart() {
    assertThat(batches(512, 4).step(new Texts(600, 0), 1).parts()).hasSize(512);
    assertThatThrownBy(() -> batches(513, 4).step(new Texts(600, 0), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "a step of --batch-size 513 takes 513 parts of --device-tokens 4, expected at most 512:"
                + " raise --device-tokens or lower --batch-size");
    assertThat(batches(513, 8).step(new Texts(600, 0), 1).parts()).hasSize(257);
  }

  /** Each takes a tokenizer's time. */
  @Test
  void eachTextIsAskedForOnce() {
    Texts texts = new Texts(14, 0);
    List<Integer> parts = new ArrayList<>();
    batches(5, 8)
        .forEach(
            texts,
            part -> {
              Arrays.stream(part.examples()).forEach(parts::add);
              assertThat(part.packed().sequences()).isEqualTo(part.examples().length);
            });
    List<Integer> all = IntStream.range(0, 14).boxed().toList();
    assertThat(texts.asked).isEqualTo(all);
    assertThat(parts).isEqualTo(all);
    texts.asked.clear();
    batches(5, 8).step(texts, 2);
    assertThat(texts.asked).hasSize(5).doesNotHaveDuplicates();
  }

  @Test
  void typesThatTheModelDoesNotKnow() {
    assertThat(batches(3, 8).step(new Texts(3, 1), 1).parts()).hasSize(2);
    String message =
        "the tokenizer gives the second text of a pair the token type 2, expected less than the"
            + " model's type_vocab_size of 2";
    assertThatThrownBy(() -> batches(3, 8).step(new Texts(3, 2), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
    assertThatThrownBy(() -> batches(3, 8).forEach(new Texts(3, 2), part -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @ParameterizedTest
  @CsvSource({"14, 4, 8", "14, 4, 3", "14, 14, 5", "3, 32, 7", "1, 1, 2", "9, 4, 0"})
  void examplesOfSteps(int size, int batchSize, int steps) {
    TaskBatches batches = batches(batchSize, 1000);
    long expected =
        IntStream.rangeClosed(1, steps)
            .mapToLong(
                step ->
                    batches.step(new Texts(size, 0), step).parts().stream()
                        .mapToInt(part -> part.examples().length)
                        .sum())
            .sum();
    assertThat(batches.examples(size, steps)).isEqualTo(expected);
  }
}
