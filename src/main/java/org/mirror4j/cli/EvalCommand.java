package org.mirror4j.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.device.Device;
import org.mirror4j.device.Versions;
import org.mirror4j.encode.Bundled;
import org.mirror4j.encode.Encoding;
import org.mirror4j.encode.LoadedModel;
import org.mirror4j.eval.EvaluationPlan;
import org.mirror4j.eval.EvaluationReport;
import org.mirror4j.eval.Tasks;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.file.FileException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code eval}: similarity tasks and isotropy, one column a model. */
@Command(
    name = "eval",
    sortOptions = false,
    customSynopsis = {
      "mirror4j eval --model [NAME=]DIR... --task TASK... [--data DIR] [OPTION...]",
      "       mirror4j eval --list-tasks [--data DIR]"
    },
    description = {
      "Measures models on similarity tasks; several models make several columns. What is known is"
          + " told at once, and shown as a table at the end, also of an evaluation that is"
          + " interrupted or fails.",
      "A set of pairs that is asked for twice, or lies there under two names, is measured once."
          + " Languages of which a model does not know most words are marked, and left out of"
          + " means."
    })
final class EvalCommand implements Runnable {
  @Spec private CommandSpec command;

  @Option(
      names = "--model",
      paramLabel = "[NAME=]DIR",
      arity = "1..*",
      description =
          "Model directories, as before and after tuning, names (see fetch), or bundled for the"
              + " model that comes with the program. Models of one NAME share a column, as runs"
              + " with several seeds: mean and standard deviation are shown.")
  private List<String> models = List.of();

  @Option(
      names = "--task",
      paramLabel = "TASK",
      arity = "1..*",
      description =
          "Tasks by name, pairs:FILE for own pairs, isotropy:FILE for a list of texts. Pairs are"
              + " separated by tabs, commas or blanks, with a header or without;"
              + " pairs:FILE:score=4,first=2,second=3 says which columns (or names in the header)"
              + " hold them.")
  private List<String> tasks = List.of();

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Folder of the data sets: wordsim/, multisimlex/pairs/, sts/joined/.")
  private Path data;

  @Option(names = "--list-tasks", description = "List the names of all tasks and leave.")
  private boolean listTasks;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description =
          "Write the report to FILE as JSON, with settings and versions, when all is measured.")
  private Path file;

  @Mixin private EncoderOptions encoding;
  @Mixin private DeviceOptions deviceOptions;
  @Mixin private OutputOptions output;

  @Override
  public void run() {
    Console console = output.console();
    if (listTasks) {
      List<String> names = new Tasks(data).names();
      ObjectNode fields = Console.object();
      names.forEach(fields.putArray("names")::add);
      console.result("tasks", fields, String.join("\n", names));
      return;
    }
    if (models.isEmpty() || tasks.isEmpty()) {
      throw new ParameterException(
          command.commandLine(), (models.isEmpty() ? "--model" : "--task") + " is missing");
    }
    // Before hours are spent on what could not be written.
    if (file != null && Files.isDirectory(file)) {
      throw new ParameterException(
          command.commandLine(), "--output is the directory " + file + ", expected a file");
    }
    Path parent = file == null ? null : file.toAbsolutePath().getParent();
    if (parent != null && !Files.isDirectory(parent)) {
      throw new ParameterException(
          command.commandLine(), "--output is " + file + ", but there is no directory " + parent);
    }
    try (Bundled bundled = Bundled.open()) {
      // All models and tasks are looked at before the first one is computed.
      List<Column> columns = columns(console, bundled);
      EvaluationPlan plan =
          EvaluationPlan.of(
              tasks.stream().distinct().map(new Tasks(data)::resolve).toList(), console::notice);
      evaluate(console, columns, plan);
    }
  }

  /**
   * A model and the column of the report that it belongs to.
   *
   * @param model as the user wrote it
   */
  private record Column(String name, ModelArgument model, Path path) {}

  private List<Column> columns(Console console, Bundled bundled) {
    List<Column> columns = new ArrayList<>();
    Set<Path> seen = new HashSet<>();
    for (String argument : models) {
      int equals = nameEnd(argument);
      ModelArgument model = new ModelArgument(argument.substring(equals + 1));
      Path path = model.path(console, bundled);
      if (!seen.add(real(path))) {
        throw new ParameterException(
            command.commandLine(), "--model names one directory twice: " + model);
      }
      ModelDirectory.open(path).settings();
      columns.add(new Column(equals < 0 ? argument : argument.substring(0, equals), model, path));
    }
    return columns;
  }

  /** Where the NAME of an argument ends, -1 if it has none: a path may hold an equals sign too. */
  private static int nameEnd(String argument) {
    int equals = argument.indexOf('=');
    return equals <= 0 || argument.lastIndexOf('/', equals) >= 0 ? -1 : equals;
  }

  private static Path real(Path path) {
    try {
      return Files.exists(path) ? path.toRealPath() : path.toAbsolutePath().normalize();
    } catch (IOException e) {
      throw FileException.of(path, e);
    }
  }

  private void evaluate(Console console, List<Column> columns, EvaluationPlan plan) {
    EvaluationReport report =
        new EvaluationReport(columns.stream().map(Column::name).distinct().toList());
    List<ObjectNode> settings = new ArrayList<>();
    try (EvaluationProgress progress =
            new EvaluationProgress(console, report, plan.tasks().size());
        Device device = deviceOptions.open(console)) {
      for (Column column : columns) {
        settings.add(evaluate(console, device, column, plan, progress));
      }
      ObjectNode json = report.json();
      ArrayNode used = json.putArray("settings");
      settings.forEach(used::add);
      ObjectNode versions = json.putObject("versions");
      Versions.of(device).forEach(versions::put);
      if (file != null) {
        write(json);
      }
      progress.finished(json);
    }
  }

  private static void similarity(Console console, LoadedModel model, String path) {
    String made = model.settings().embedding().similarity().orElse("cosine");
    if (!made.equals("cosine")) {
      console.warning("%s: made for similarity by %s, measured by cosine".formatted(path, made));
    }
  }

  /** Measures one model on all tasks; returns its settings. */
  private ObjectNode evaluate(
      Console console,
      Device device,
      Column column,
      EvaluationPlan plan,
      EvaluationProgress progress) {
    String name = column.model().text();
    try (LoadedModel model = new LoadedModel(device, column.path())) {
      Encoding.Resolved resolved = encoding.resolve(console, model, name);
      ObjectNode settings = EncoderOptions.json(resolved, name).put("column", column.name());
      console.settings(settings);
      similarity(console, model, name);
      progress.model(
          column.name(),
          name,
          "%s, %d tokens%s"
              .formatted(
                  resolved.options().pooling().label(),
                  resolved.options().maxLength(),
                  resolved.options().prompt().isEmpty() ? "" : ", a prompt"));
      try (TextEncoder encoder = model.encoder(resolved.options(), resolved.precision())) {
        plan.evaluate(
            new ModelEncoder(encoder, model.tokenizer(), resolved.options(), progress::at),
            progress::begins,
            progress::measured);
      } catch (IllegalStateException e) {
        throw new IllegalStateException("%s: %s".formatted(name, e.getMessage()), e);
      }
      return settings;
    }
  }

  private void write(ObjectNode json) {
    try {
      AtomicFiles.writeFile(
          file, new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(json));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree cannot be written", e);
    }
  }
}
