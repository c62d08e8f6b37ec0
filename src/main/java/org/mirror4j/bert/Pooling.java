package org.mirror4j.bert;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.mirror4j.device.operation.RowPooling;

/**
 * How hidden states become the vector of a text: of which layers, and which of their rows. Those of
 * several layers are pooled apart and averaged. Names are those of options and files.
 */
public enum Pooling {
  /** The first token of the last layer, no pooler. {@code cls} of Mirror-BERT's code. */
  CLS("cls", RowPooling.FIRST, Layers.LAST),
  /**
   * The mean over the real tokens of the last layer, special tokens included. {@code mean_std} of
   * Mirror-BERT's code.
   */
  MEAN("mean", RowPooling.MEAN, Layers.LAST),
  /**
   * The mean over all rows of the last layer; with sequences padded to the maximum length this is
   * {@code mean} of Mirror-BERT's code.
   */
  MEAN_PADDED("mean-padded", RowPooling.MEAN_PADDED, Layers.LAST),
  /**
   * The means of the first transformer layer's output and of the last one's, averaged. BERT-flow
   * (Li et al. 2020) calls it {@code avg-last-2}: its code counts back from layer -0, which is the
   * first. The embeddings are no layer.
   */
  FIRST_LAST_AVG("first-last-avg", RowPooling.MEAN, Layers.FIRST_AND_LAST),
  /** The means of the last two layers, averaged. */
  LAST_2_AVG("last-2-avg", RowPooling.MEAN, Layers.LAST_TWO),
  /**
   * The mask token of the last layer, of several the last, so that a template after the text has
   * it. A text without one has no vector.
   */
  MASK("mask", null, Layers.LAST),
  /** The average of {@link #MASK} and {@link #MEAN}. */
  MASK_MEAN("mask-mean", RowPooling.MEAN, Layers.LAST);

  private enum Layers {
    LAST,
    FIRST_AND_LAST,
    LAST_TWO
  }

  private final String label;
  private final RowPooling rows;
  private final Layers layers;

  Pooling(String label, RowPooling rows, Layers layers) {
    this.label = label;
    this.rows = rows;
    this.layers = layers;
  }

  /** The name in options and files. */
  public String label() {
    return label;
  }

  /** The name in options and files. */
  @Override
  public String toString() {
    return label;
  }

  /**
   * The pooling of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Pooling of(String label) {
    for (Pooling pooling : values()) {
      if (pooling.label.equals(label)) {
        return pooling;
      }
    }
    throw new IllegalArgumentException(
        "pooling is '%s', expected one of %s"
            .formatted(
                label,
                Arrays.stream(values()).map(Pooling::label).collect(Collectors.joining(", "))));
  }

  /**
   * Whether it takes one row of each text, {@link BatchTensors#textRows}: then the last layer is
   * computed for these alone.
   */
  public boolean takesOneRow() {
    return this == CLS || this == MASK;
  }

  /** Whether it takes the row of a mask token, which every text then has to have. */
  public boolean takesMask() {
    return this == MASK || this == MASK_MEAN;
  }

  /** How many vectors of a text are averaged. */
  int parts(int count) {
    return this == MASK_MEAN ? 2 : layers(count).length;
  }

  /** How the rows of a layer are pooled where they are not taken one of each text. */
  RowPooling rows() {
    return rows;
  }

  /**
   * Transformer layers whose output is pooled, ascending; the first is 0.
   *
   * @param count layers of the model
   * @throws IllegalArgumentException if it has too few
   */
  public int[] layers(int count) {
    int last = count - 1;
    return switch (layers) {
      case LAST -> new int[] {last};
      case FIRST_AND_LAST -> last == 0 ? new int[] {0} : new int[] {0, last};
      case LAST_TWO -> {
        if (count < 2) {
          throw new IllegalArgumentException(
              "pooling %s takes 2 layers, and the model has %d".formatted(label, count));
        }
        yield new int[] {last - 1, last};
      }
    };
  }
}
