package org.mirror4j.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Stack;
import java.util.TreeMap;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/** Options by the names they have in the released code of the paper: read as ours. */
final class ReleasedNames implements IParameterPreprocessor {
  private static final SequencedMap<String, String> OURS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("--model_dir", "--model"),
              Map.entry("--train_dir", "--corpus"),
              Map.entry("--output_dir", "--output"),
              Map.entry("--epoch", "--epochs"),
              Map.entry("--train_batch_size", "--batch-size"),
              Map.entry("--learning_rate", "--learning-rate"),
              Map.entry("--weight_decay", "--weight-decay"),
              Map.entry("--max_length", "--max-length"),
              Map.entry("--infoNCE_tau", "--temperature"),
              Map.entry("--dropout_rate", "--dropout-rate"),
              Map.entry("--drophead_rate", "--drophead-rate"),
              Map.entry("--random_span_mask", "--random-span-mask"),
              Map.entry("--random_seed", "--seed"),
              Map.entry("--checkpoint_step", "--checkpoint-steps")));

  @Override
  public boolean preprocess(
      Stack<String> arguments, CommandSpec command, ArgSpec option, Map<String, Object> info) {
    arguments.replaceAll(ReleasedNames::ours);
    return false;
  }

  private static String ours(String argument) {
    int end = argument.indexOf('=');
    String name = end < 0 ? argument : argument.substring(0, end);
    return OURS.getOrDefault(name, name) + argument.substring(name.length());
  }

  /** All names, for the help. */
  static List<String> table() {
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add("Names of the released code are taken too:");
    OURS.forEach((name, ours) -> lines.add("  %-20s %s".formatted(name, ours)));
    return lines;
  }
}
