package org.mirror4j.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.file.FileException;

class LabelNamesTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** More than ten, as their numbers are keys, whose order in a file is not theirs. */
  @Test
  void toAConfigAndBack() throws JsonProcessingException {
    List<String> names = IntStream.range(0, 12).mapToObj(i -> "B-\"ü" + (11 - i)).toList();
    ObjectNode config = JSON.createObjectNode();
    new LabelNames(names).configure(config);
    assertThat(config.at("/id2label/11").textValue()).isEqualTo("B-\"ü0");
    assertThat(config.at("/label2id").get("B-\"ü0").intValue()).isEqualTo(11);
    LabelNames read = LabelNames.of(JSON.readTree(config.toString()), "config.json");
    assertThat(read.names()).isEqualTo(names);
    assertThat(read.size()).isEqualTo(12);
    assertThat(read.number("B-\"ü10")).isEqualTo(1);
    assertThat(read.has("B-\"ü10")).isTrue();
    assertThat(read.has("O")).isFalse();
    assertThat(
            LabelNames.of(JSON.readTree("{\"id2label\":{\"1\":\"a\",\"0\":\"b\"}}"), "c").names())
        .containsExactly("b", "a");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{} | c.json has no id2label, expected the names of the labels that a task's head was"
            + " trained with",
        "{\"id2label\":{}} | c.json has no id2label, expected the names of the labels that a"
            + " task's head was trained with",
        "{\"id2label\":[\"a\"]} | c.json has no id2label, expected the names of the labels that a"
            + " task's head was trained with",
        "{\"id2label\":{\"0\":\"a\",\"2\":\"b\"}} | c.json: id2label has no name for 1, expected"
            + " one for each number below 2",
        "{\"id2label\":{\"0\":7}} | c.json: id2label has no name for 0, expected one for each"
            + " number below 1",
        "{\"id2label\":{\"0\":\"a\",\"1\":\"b\",\"2\":\"a\"}} | c.json: id2label has 'a' for 0 and"
            + " 2, expected each label once"
      })
  void whatNamesNoLabels(String json, String message) throws JsonProcessingException {
    assertThatThrownBy(() -> LabelNames.of(JSON.readTree(json), "c.json"))
        .isInstanceOf(FileException.class)
        .hasMessage(message);
  }

  @Test
  void theFirstOfTheHighest() {
    LabelNames labels = new LabelNames(List.of("a", "b", "c"));
    float[] logits = {9, 9, 9, -3, -1, -2, 0, 0, 1};
    assertThat(IntStream.range(0, 3).mapToObj(row -> labels.highest(logits, row)))
        .containsExactly("a", "b", "c");
    for (float wrong : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> labels.highest(new float[] {wrong, 1, 2, 3, 4, 5}, 0))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "the model gives logits that are not finite; --precision f32 has the widest range");
      assertThat(labels.highest(new float[] {wrong, 1, 2, 3, 4, 5}, 1)).isEqualTo("c");
    }
    assertThatThrownBy(() -> new LabelNames(List.of("a", "b", "a")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("label a is there twice, expected once");
  }
}
