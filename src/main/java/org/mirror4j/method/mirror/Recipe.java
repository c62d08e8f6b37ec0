package org.mirror4j.method.mirror;

import java.util.HashMap;
import java.util.Map;
import org.mirror4j.bert.Pooling;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.train.Fidelity;

/**
 * The settings that Mirror-BERT was published with (Liu et al. 2021, appendix; scripts of the
 * released code), and what we have chosen on development sets beside them, each in a JSON file of
 * its label. The pooling {@code mean} covers real tokens only; the released code's mean, which
 * takes padding in, is {@link Pooling#MEAN_PADDED}.
 *
 * <p>Rows of padding attend to the text and have no word of their own, and a mean gains by such
 * rows. The recipes for sentences of BERT get them from a prompt in place of padding: 83.88 on the
 * dev set of STS-B with it, 81.98 without, and 83.41 and 81.42 with drophead
 * (bench/results/best-search.json). A small model does not gain by it: of the bundled one see
 * bench/results/bundled-model.md.
 */
public enum Recipe {
  /** Words, bert-base-uncased. */
  WORD,
  /** Sentences, bert-base-uncased. */
  SENTENCE,
  /** Sentences, bert-base-uncased, heads dropped instead of elements. */
  SENTENCE_DROPHEAD,
  /** Sentences, roberta-base. */
  SENTENCE_ROBERTA,
  /** Sentences, roberta-base, heads dropped instead of elements. */
  SENTENCE_ROBERTA_DROPHEAD,
  /** Names of biomedical entities, PubMedBERT. */
  BIOMEDICAL,
  /**
   * Words, the bundled model and others whose first token pretraining did not train. Not of the
   * paper: the model is asked for its mask token, and little is changed; chosen on SimLex-999.
   */
  SMALL_WORD,
  /**
   * Sentences, the bundled model. Not of the paper: without a prompt, which small models lose by,
   * and at a higher rate; chosen on the dev set of STS-B.
   */
  SMALL_SENTENCE,
  /**
   * Sentences, bert-base-uncased. Not of the paper: two templates are the views (Jiang et al. 2022,
   * PromptBERT), with spans masked in the second, the output lies between the weights before and
   * after, and its vectors take in the mean; chosen on the dev set of STS-B.
   */
  BEST,
  /**
   * Words, bert-base-uncased. Not of the paper: two templates are the views, and the output takes
   * the mean of all its tokens; chosen on SimLex-999.
   */
  BEST_WORD;

  /** What takes this one's place where the model that is tuned is the bundled one. */
  public Recipe ofBundledModel() {
    return switch (this) {
      case WORD -> SMALL_WORD;
      case SENTENCE -> SMALL_SENTENCE;
      default -> this;
    };
  }

  /** The name in options and files. */
  public String label() {
    return JsonRecords.label(this);
  }

  /** The values. */
  public MirrorSettings settings() {
    return JsonRecords.resource(MirrorSettings.class, label() + ".json");
  }

  /** The name that a model carries. */
  public String name(Fidelity fidelity) {
    return fidelity == Fidelity.RELEASED ? label() + ", released" : label();
  }

  /**
   * The values with some changed, checked as a whole. The paper has the mean over real tokens,
   * equal texts of a batch no negatives of each other, blank lines of the corpus skipped, the
   * tokenizer as it is saved; not of the paper is a prompt before sentences, where the recipe has
   * one. The released code has the mean over padding too, equal texts as negatives of each other,
   * blank lines kept, a tokenizer forced to lower-case, and knows no templates.
   *
   * @param given in place of both, by the names of the settings
   * @throws IllegalArgumentException if a value is out of its range, or the released code is asked
   *     for a vector that only a template has
   */
  public MirrorSettings settings(Fidelity fidelity, Map<String, ?> given) {
    MirrorSettings clean = settings();
    if (fidelity == Fidelity.CLEAN) {
      return clean.with(given);
    }
    if (clean.pooling().takesMask()
        && !given.containsKey("pooling")
        && !given.containsKey("template")) {
      throw new IllegalArgumentException(
          "recipe %s takes the vector of its template's mask, and --fidelity released has no templates, expected a --pooling, a --template, or another --recipe, as word"
              .formatted(label()));
    }
    Map<String, Object> changes =
        new HashMap<>(
            Map.of(
                "pooling",
                clean.pooling() == Pooling.MEAN ? Pooling.MEAN_PADDED : clean.pooling(),
                "template",
                "",
                "secondTemplate",
                "",
                "falseNegatives",
                FalseNegatives.KEEP,
                "lowerCase",
                true,
                "keepBlankLines",
                true));
    changes.putAll(given);
    return clean.with(changes);
  }
}
