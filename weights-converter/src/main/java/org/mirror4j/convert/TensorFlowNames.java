package org.mirror4j.convert;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The names that transformers has for the variables of Google's BERT, as its
 * convert_bert_original_tf_checkpoint_to_pytorch maps them: slashes become dots, {@code layer_3} is
 * {@code layer.3}, a kernel, a gamma and {@code output_weights} are weights, a beta and {@code
 * output_bias} are biases, and embeddings have a weight. A module of TensorFlow Hub puts {@code
 * module/} before all.
 */
final class TensorFlowNames {
  /** The one variable that no BERT lacks. */
  static final String WORD_EMBEDDINGS = "bert/embeddings/word_embeddings";

  private static final String MODULE = "module/";
  private static final Pattern LAYER = Pattern.compile("^layer_(\\d+)$");
  private static final String KERNEL = "/kernel";

  private TensorFlowNames() {}

  /** Whether these are the word embeddings of a BERT. */
  static boolean isWordEmbeddings(String variable) {
    return plain(variable).equals(WORD_EMBEDDINGS);
  }

  /** Whether it is the matrix of {@code x K}, the transposed of a weight. */
  static boolean isKernel(String variable) {
    return variable.endsWith(KERNEL);
  }

  /** Whether an optimiser keeps it for another variable: {@code VARIABLE/adam_m}. */
  static boolean isSlot(String variable, Set<String> all) {
    int slash = variable.lastIndexOf('/');
    return slash > 0 && all.contains(variable.substring(0, slash));
  }

  /** The name in transformers. */
  static String of(String variable) {
    List<String> parts = new ArrayList<>(List.of(plain(variable).split("/", -1)));
    parts.replaceAll(part -> LAYER.matcher(part).replaceFirst("layer.$1"));
    String last = parts.getLast();
    switch (last) {
      case "kernel", "gamma", "output_weights" -> parts.set(parts.size() - 1, "weight");
      case "beta", "output_bias" -> parts.set(parts.size() - 1, "bias");
      default -> {
        if (last.endsWith("_embeddings")) {
          parts.add("weight");
        }
      }
    }
    return String.join(".", parts);
  }

  private static String plain(String variable) {
    return variable.startsWith(MODULE) ? variable.substring(MODULE.length()) : variable;
  }
}
