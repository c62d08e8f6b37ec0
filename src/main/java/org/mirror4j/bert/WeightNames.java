package org.mirror4j.bert;

import static org.mirror4j.file.FileException.quote;
import static org.mirror4j.file.FileException.some;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mirror4j.checkpoint.TensorSource;
import org.mirror4j.file.FileException;

/**
 * The names of a checkpoint, read as those of {@link BertModel#table}. The encoder may stand in
 * modules of any name and depth ({@code bert.}, {@code module.bert.}, {@code 0.auto_model.}): what
 * comes before its word embeddings comes before all of it. Its layers may lack {@code encoder.},
 * and LayerNorm may have {@code gamma} and {@code beta}, as in files from the time before these
 * were called weight and bias.
 */
public final class WeightNames {
  private static final String WORDS = BertModel.WORDS;
  private static final String ENCODER = "encoder.";
  private static final String LAYER = "layer.";
  private static final int MAX_DIGITS = 9;
  private static final Pattern INNER =
      Pattern.compile(".*?\\.((embeddings|encoder\\.layer\\.\\d{1,9})\\..*)");

  private final String file;
  private final String prefix;
  private final Map<String, String> names = new LinkedHashMap<>();

  private WeightNames(String file, String prefix) {
    this.file = file;
    this.prefix = prefix;
  }

  /**
   * Reads the names of a file.
   *
   * @throws FileException if there are no word embeddings, or two tensors for one parameter
   */
  public static WeightNames of(TensorSource source) {
    Map<String, String> words = new LinkedHashMap<>();
    for (String name : source.names()) {
      if (name.equals(WORDS) || name.endsWith("." + WORDS)) {
        words.put(name.substring(0, name.length() - WORDS.length()), name);
      }
    }
    if (words.isEmpty()) {
      throw new FileException(
          "%s: holds %s, expected the weights of a BERT or RoBERTa: no %s under any prefix"
              .formatted(source.file(), listed(source.names()), WORDS));
    }
    if (words.size() > 1) {
      throw twice(source.file(), WORDS, words.values());
    }
    WeightNames names = new WeightNames(source.file(), words.keySet().iterator().next());
    source.names().forEach(names::add);
    names.requireNoOther();
    return names;
  }

  private static String listed(Collection<String> names) {
    return names.isEmpty()
        ? "no tensor"
        : some(", ", names.stream().map(FileException::quote).toList());
  }

  private static FileException twice(String file, String what, Collection<String> names) {
    return new FileException(
        "%s: %s are candidates for %s, expected one tensor"
            .formatted(file, listed(names), quote(what)));
  }

  private void add(String name) {
    String parameter = parameter(name);
    String before = names.putIfAbsent(parameter, name);
    if (before != null) {
      throw twice(file, parameter, List.of(before, name));
    }
  }

  /** Tensors outside belong to heads and keep their names, without the modules around all. */
  private String parameter(String name) {
    if (name.startsWith(prefix)) {
      String inner = modern(name.substring(prefix.length()));
      if (isEncoder(inner)) {
        return inner;
      }
    }
    for (String around = prefix; ; around = outer(around)) {
      String inner = name.startsWith(around) ? name.substring(around.length()) : "";
      if (around.isEmpty() || inner.startsWith("cls.") || inner.startsWith("lm_head.")) {
        return modern(inner);
      }
    }
  }

  /** Without the last of its modules. */
  private static String outer(String modules) {
    return modules.substring(0, modules.lastIndexOf('.', modules.length() - 2) + 1);
  }

  private static String modern(String name) {
    String inner = name;
    while (inner.startsWith(ENCODER)) {
      inner = inner.substring(ENCODER.length());
    }
    String modern = layer(ENCODER + inner).isPresent() ? ENCODER + inner : name;
    if (modern.endsWith("LayerNorm.gamma")) {
      return modern.substring(0, modern.length() - "gamma".length()) + "weight";
    }
    return modern.endsWith("LayerNorm.beta")
        ? modern.substring(0, modern.length() - "beta".length()) + "bias"
        : modern;
  }

  /** A parameter of the encoder in another module too would be a choice made in silence. */
  private void requireNoOther() {
    names.forEach(
        (parameter, name) -> {
          Matcher inner = INNER.matcher(parameter);
          if (!isEncoder(parameter) && inner.matches()) {
            String one = names.get(modern(inner.group(1)));
            if (one != null) {
              throw twice(file, modern(inner.group(1)), List.of(one, name));
            }
          }
        });
  }

  /** Whether a parameter belongs to embeddings, layers or pooler. */
  public static boolean isEncoder(String parameter) {
    return parameter.startsWith("embeddings.")
        || parameter.startsWith(ENCODER)
        || parameter.startsWith("pooler.");
  }

  /** The name in the file by that of the table, in the order of the file; heads among them. */
  public Map<String, String> byParameter() {
    return Collections.unmodifiableMap(names);
  }

  /** The numbers of the layers that have a tensor. */
  TreeSet<Integer> layers() {
    TreeSet<Integer> layers = new TreeSet<>();
    for (String parameter : names.keySet()) {
      layer(parameter).ifPresent(layers::add);
    }
    return layers;
  }

  /** The number of the layer that a parameter belongs to. */
  static OptionalInt layer(String parameter) {
    int from = ENCODER.length() + LAYER.length();
    int to = from;
    while (to < parameter.length() && isDigit(parameter.charAt(to))) {
      to++;
    }
    boolean numbered =
        parameter.startsWith(ENCODER)
            && parameter.startsWith(LAYER, ENCODER.length())
            && to > from
            && to - from <= MAX_DIGITS
            && parameter.startsWith(".", to);
    return numbered
        ? OptionalInt.of(Integer.parseInt(parameter, from, to, 10))
        : OptionalInt.empty();
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /**
   * What names of tensors say of the family, by an example: the innermost module that is called as
   * one, else the head.
   */
  Map<String, BertConfig.Family> family() {
    List<String> modules = new ArrayList<>(List.of(prefix.split("\\.")));
    for (String module : modules.reversed()) {
      for (BertConfig.Family family : BertConfig.Family.values()) {
        if (family.prefix().equals(module + ".")) {
          return Map.of("tensors " + quote(prefix + "*"), family);
        }
      }
    }
    Map<String, BertConfig.Family> heads = new LinkedHashMap<>();
    for (String parameter : names.keySet()) {
      if (parameter.startsWith("cls.predictions.")) {
        heads.put("tensors 'cls.predictions.*'", BertConfig.Family.BERT);
      } else if (parameter.startsWith("lm_head.")) {
        heads.put("tensors 'lm_head.*'", BertConfig.Family.ROBERTA);
      }
    }
    return heads;
  }
}
