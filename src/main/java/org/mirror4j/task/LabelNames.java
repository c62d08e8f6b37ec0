package org.mirror4j.task;

import static org.mirror4j.file.FileException.quote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.mirror4j.file.FileException;

/** The labels of a task, numbered from 0 in their order. */
public final class LabelNames {
  private final List<String> names;
  private final Map<String, Integer> numbers = new HashMap<>();

  /**
   * @param names all different
   */
  public LabelNames(List<String> names) {
    this.names = List.copyOf(names);
    for (String name : names) {
      if (numbers.put(name, numbers.size()) != null) {
        throw new IllegalArgumentException("label " + name + " is there twice, expected once");
      }
    }
  }

  /**
   * Those that {@code id2label} of {@code config.json} names.
   *
   * @param file for messages
   * @throws FileException if it has none, not one for each number from 0 on, or one twice
   */
  public static LabelNames of(JsonNode config, String file) {
    JsonNode names = config.path("id2label");
    if (!names.isObject() || names.isEmpty()) {
      throw new FileException(
          file
              + " has no id2label, expected the names of the labels that a task's head was"
              + " trained with");
    }
    List<String> labels = new ArrayList<>();
    for (int number = 0; number < names.size(); number++) {
      JsonNode name = names.path(String.valueOf(number));
      if (!name.isTextual()) {
        throw new FileException(
            "%s: id2label has no name for %d, expected one for each number below %d"
                .formatted(file, number, names.size()));
      }
      if (labels.contains(name.asText())) {
        throw new FileException(
            "%s: id2label has %s for %d and %d, expected each label once"
                .formatted(file, quote(name.asText()), labels.indexOf(name.asText()), number));
      }
      labels.add(name.asText());
    }
    return new LabelNames(labels);
  }

  /** How many there are. */
  public int size() {
    return names.size();
  }

  /** In order. */
  public List<String> names() {
    return names;
  }

  /** Whether a name is one of them. */
  public boolean has(String name) {
    return numbers.containsKey(name);
  }

  /** The number of a name that is one of them. */
  public int number(String name) {
    return numbers.get(name);
  }

  /**
   * The label whose logit is the highest of a row, the first of several.
   *
   * @param logits [rows, labels]
   * @throws IllegalStateException if one is not finite
   */
  public String highest(float[] logits, int row) {
    float[] own = row(logits, row);
    int highest = 0;
    for (int label = 1; label < own.length; label++) {
      highest = own[label] > own[highest] ? label : highest;
    }
    return names.get(highest);
  }

  /**
   * The logits of a row by themselves.
   *
   * @param logits [rows, labels]
   * @throws IllegalStateException if one is not finite
   */
  public float[] row(float[] logits, int row) {
    float[] own = Arrays.copyOfRange(logits, row * names.size(), (row + 1) * names.size());
    for (float logit : own) {
      Logits.requireFinite(logit);
    }
    return own;
  }

  /**
   * How likely each label is, {@code p = exp(logit) / sum of exp(logits)}, in f64.
   *
   * @param logits [labels]
   */
  public double[] probabilities(float[] logits) {
    double max = Double.NEGATIVE_INFINITY;
    for (float logit : logits) {
      max = Math.max(max, logit);
    }
    double[] probabilities = new double[names.size()];
    double sum = 0;
    for (int label = 0; label < probabilities.length; label++) {
      probabilities[label] = Math.exp(logits[label] - max);
      sum += probabilities[label];
    }
    for (int label = 0; label < probabilities.length; label++) {
      probabilities[label] /= sum;
    }
    return probabilities;
  }

  /** Puts {@code id2label} and {@code label2id} into {@code config.json}. */
  public void configure(ObjectNode config) {
    ObjectNode byNumber = config.putObject("id2label");
    ObjectNode byName = config.putObject("label2id");
    for (int number = 0; number < names.size(); number++) {
      byNumber.put(String.valueOf(number), names.get(number));
      byName.put(names.get(number), number);
    }
  }
}
