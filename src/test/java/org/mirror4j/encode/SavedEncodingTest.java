package org.mirror4j.encode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.Pooling;
import org.mirror4j.checkpoint.EmbeddingSettings;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.file.FileException;
import org.mirror4j.support.SmallModel;
import org.mirror4j.text.Template;
import org.mirror4j.text.Tokenizer;

/** What a model's files say of vectors and cannot be is their fault. */
class SavedEncodingTest {
  private static final List<String> VOCABULARY =
      List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "aa", "ba");

  private static SavedEncoding saved(
      Optional<String> pooling, OptionalInt maxLength, Optional<String> template) {
    BertConfig config =
        SmallModel.config(BertConfig.Family.BERT, VOCABULARY.size(), 24, 1, GeluForm.ERF);
    return new SavedEncoding(
        "m",
        new ModelSettings(pooling, maxLength, template, EmbeddingSettings.NONE, Optional.empty()),
        config);
  }

  private static SavedEncoding pooling(String label) {
    return saved(Optional.of(label), OptionalInt.empty(), Optional.empty());
  }

  private static void expectRefusal(String message, ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(FileException.class).hasMessageStartingWith(message);
  }

  @Test
  void whatIsSaid() {
    SavedEncoding saved =
        saved(Optional.of("mask"), OptionalInt.of(9), Optional.of("aa {} [MASK]"));
    assertThat(saved.pooling()).contains(Pooling.MASK);
    assertThat(saved.template()).contains(new Template("aa ", " [MASK]"));
    SavedEncoding silent = saved(Optional.empty(), OptionalInt.empty(), Optional.empty());
    assertThat(silent.pooling()).isEmpty();
    assertThat(silent.template()).isEmpty();
    try (Tokenizer tokenizer = Tokenizer.wordPiece(VOCABULARY, true)) {
      assertThat(saved.maxLength(tokenizer)).isEqualTo(9);
      assertThat(silent.maxLength(tokenizer)).isEqualTo(SmallModel.LENGTH);
      assertThat(saved(Optional.empty(), OptionalInt.of(99), Optional.empty()).maxLength(tokenizer))
          .isEqualTo(SmallModel.LENGTH);
    }
  }

  @Test
  void whatCannotBeNamesTheModel() {
    expectRefusal("m: pooling is 'max', expected one of cls, ", pooling("max")::pooling);
    expectRefusal(
        "m: pooling last-2-avg takes 2 layers, and the model has 1",
        pooling("last-2-avg")::pooling);
    expectRefusal(
        "m: template is 'aa', expected {} once",
        saved(Optional.empty(), OptionalInt.empty(), Optional.of("aa"))::template);
    SavedEncoding saved = saved(Optional.empty(), OptionalInt.of(2), Optional.empty());
    try (Tokenizer tokenizer = Tokenizer.wordPiece(VOCABULARY, true)) {
      expectRefusal("m: maximum length is 2, expected 3 to 36", () -> saved.maxLength(tokenizer));
      expectRefusal(
          "m: the prompt has 5 tokens, expected at most 4, as a maximum length of 7 must leave",
          () -> saved.requireRoom(tokenizer, 7, Template.prompt("aa ba aa ba aa ")));
    }
  }
}
