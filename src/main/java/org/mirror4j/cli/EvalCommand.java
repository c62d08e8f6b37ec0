package org.mirror4j.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.checkpoint.AtomicFiles;
import org.mirror4j.device.Device;
import org.mirror4j.eval.EvaluationReport;
import org.mirror4j.eval.Measurement;
import org.mirror4j.eval.TaskGroup;
import org.mirror4j.eval.Tasks;
import org.mirror4j.train.Versions;
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
    description = "Measures models on similarity tasks; several models make several columns.")
final class EvalCommand implements Runnable {
  @Spec private CommandSpec command;

  @Option(
      names = "--model",
      paramLabel = "[NAME=]DIR",
      arity = "1..*",
      description =
          "Model directories, as before and after tuning. Models of one NAME share a column, as"
              + " runs with several seeds: mean and standard deviation are shown.")
  private List<String> models = List.of();

  @Option(
      names = "--task",
      paramLabel = "TASK",
      arity = "1..*",
      description = "Tasks by name, pairs:FILE for own pairs, isotropy:FILE for a list of texts.")
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
      description = "Write the report to FILE as JSON, with settings and versions.")
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
    List<Column> columns = models.stream().map(Column::of).toList();
    Set<Path> seen = new HashSet<>();
    for (Column column : columns) {
      if (!seen.add(column.model().toAbsolutePath().normalize())) {
        throw new ParameterException(
            command.commandLine(), "--model names one directory twice: " + column.model());
      }
    }
    // All tasks are looked up before the first one is computed.
    List<TaskGroup> groups = tasks.stream().distinct().map(new Tasks(data)::resolve).toList();
    evaluate(console, columns, groups);
  }

  /** A model and the column of the report that it belongs to. */
  private record Column(String name, Path model) {
    static Column of(String argument) {
      int equals = argument.indexOf('=');
      return equals <= 0
          ? new Column(argument, Path.of(argument))
          : new Column(argument.substring(0, equals), Path.of(argument.substring(equals + 1)));
    }
  }

  private void evaluate(Console console, List<Column> columns, List<TaskGroup> groups) {
    EvaluationReport report =
        new EvaluationReport(columns.stream().map(Column::name).distinct().toList());
    List<ObjectNode> settings = new ArrayList<>();
    try (Device device = deviceOptions.open(console)) {
      for (Column column : columns) {
        String path = column.model().toString();
        try (LoadedModel model = new LoadedModel(device, column.model())) {
          EncoderOptions.Resolved resolved = encoding.resolve(console, model, path);
          settings.add(resolved.toJson(path));
          console.settings(settings.getLast());
          similarity(console, model, path);
          try (TextEncoder encoder = model.encoder(resolved)) {
            for (TaskGroup group : groups) {
              group.evaluate(
                  encoder::encode,
                  measurement -> {
                    report.add(column.name(), measurement);
                    tell(console, path, measurement);
                  });
            }
          }
        }
      }
      ObjectNode json = report.json();
      ArrayNode used = json.putArray("settings");
      settings.forEach(used::add);
      ObjectNode versions = json.putObject("versions");
      Versions.of(device).forEach(versions::put);
      if (file != null) {
        write(json);
      }
      console.result("report", json, report.table());
    }
  }

  private static void similarity(Console console, LoadedModel model, String path) {
    String made = model.settings().embedding().similarity().orElse("cosine");
    if (!made.equals("cosine")) {
      console.warning("%s: made for similarity by %s, measured by cosine".formatted(path, made));
    }
  }

  private static void tell(Console console, String model, Measurement measurement) {
    ObjectNode fields =
        Console.object()
            .put("model", model)
            .put("task", measurement.task())
            .put("measure", measurement.measure().label())
            .put("items", measurement.items());
    // JSON has no NaN.
    fields.put("value", Double.isFinite(measurement.value()) ? measurement.value() : null);
    console.event("measurement", fields);
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
