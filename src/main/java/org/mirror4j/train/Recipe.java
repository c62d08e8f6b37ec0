package org.mirror4j.train;

import org.mirror4j.device.operation.Pooling;
import org.mirror4j.text.TextSpanMask;

/**
 * The settings that Mirror-BERT was published with (Liu et al. 2021, appendix; scripts of the
 * released code). The pooling {@code mean} covers real tokens only; the released code's mean, which
 * takes padding in, is {@link Pooling#MEAN_PADDED}.
 */
public enum Recipe {
  /** Words, bert-base-uncased. */
  WORD(2, 25, 0.2, Pooling.CLS, 0.1, 0, 0),
  /** Sentences, bert-base-uncased. */
  SENTENCE(1, 50, 0.04, Pooling.MEAN, 0.1, 0, 5),
  /** Sentences, bert-base-uncased, heads dropped instead of elements. */
  SENTENCE_DROPHEAD(1, 50, 0.04, Pooling.MEAN, 0, 0.2, 5),
  /** Sentences, roberta-base. */
  SENTENCE_ROBERTA(1, 50, 0.04, Pooling.CLS, 0.1, 0, 5),
  /** Sentences, roberta-base, heads dropped instead of elements. */
  SENTENCE_ROBERTA_DROPHEAD(1, 50, 0.04, Pooling.CLS, 0, 0.05, 5),
  /** Names of biomedical entities, PubMedBERT. */
  BIOMEDICAL(2, 25, 0.04, Pooling.CLS, 0.1, 0, 2);

  private final MirrorSettings settings;

  Recipe(
      int epochs,
      int maxLength,
      double temperature,
      Pooling pooling,
      double dropoutRate,
      double dropheadRate,
      int spanMask) {
    settings =
        new MirrorSettings(
            epochs,
            200,
            2e-5,
            0.01,
            maxLength,
            temperature,
            pooling,
            dropoutRate,
            dropheadRate,
            spanMask,
            TextSpanMask.Unit.CHARS,
            false,
            true,
            true,
            0,
            0,
            42);
  }

  /** The name in options and files. */
  public String label() {
    return Settings.label(this);
  }

  /** The values. */
  public MirrorSettings settings() {
    return settings;
  }
}
