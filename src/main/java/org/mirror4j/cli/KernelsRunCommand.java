package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.mirror4j.device.launch.source.KernelContract;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.ptx.count.Gpu;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.NpyArray;
import org.mirror4j.file.OutputPath;
import org.mirror4j.research.OwnRun;
import org.mirror4j.tensor.DType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kernels run}: a kernel of one's own, from its header alone. */
@Command(
    name = "run",
    sortOptions = false,
    customSynopsis =
        "mirror4j kernels run FILE.ptx --input NAME=FILE.npy... --expect NAME=FILE.npy..."
            + " [OPTION...]",
    description = {
      "Launches a kernel that the engine need not know, once, on the interpreter under all checks:"
          + " with arrays of NumPy in the buffers of its header, and grid, block and shared bytes"
          + " as its header has them. Tells what the checks found, what the launch cost, times that"
          + " cards cannot stay below, and whether the results are those that were expected.",
      "kernels/README.md describes the header. Exit code 1 if a check found something or a result"
          + " is not as expected."
    })
final class KernelsRunCommand implements Callable<Integer> {
  @Spec private CommandSpec command;

  @Parameters(paramLabel = "FILE.ptx", description = "The kernel.")
  private Path kernel;

  @Option(
      names = "--input",
      paramLabel = "NAME=FILE.npy",
      description =
          "What a buffer holds at first: each that the header calls in or inout needs one. Of type"
              + " f4, f8 or i4 (u4) as in the header; f2 for storage f16, u2 for bf16.")
  private List<String> inputs = List.of();

  @Option(
      names = "--scalar",
      paramLabel = "NAME=VALUE",
      description =
          "Scalars. One that alone is a size of an input may be left out: in x f32[rows, columns]"
              + " the array says both. They give the sizes of the other buffers, as the header has"
              + " them.")
  private List<String> scalars = List.of();

  @Option(
      names = "--expect",
      paramLabel = "NAME=FILE.npy",
      description =
          "What a buffer that is written should hold, in its own type, or in f4 or f8 (i8 for"
              + " i32).")
  private List<String> expected = List.of();

  @Option(
      names = "--tolerance",
      paramLabel = "NUMBER",
      description =
          "How far an element may be from what is expected, as a part of the largest that is"
              + " expected of the buffer. Default: 64 roundings of f32 (3.8e-6) or f64, 8 of f16"
              + " (0.0039) or bf16 (0.031). Of i32 all are equal.")
  private Double tolerance;

  @Option(
      names = "--output",
      paramLabel = "NAME=FILE.npy|DIR",
      description = "Files for buffers that are written, or a directory for NAME.npy of each.")
  private List<String> outputs = List.of();

  @Option(
      names = "--storage",
      paramLabel = "TYPE",
      description = "f32, f16 or bf16. Default: the first of these that the header has.")
  private DType storage;

  @Mixin private CardOptions cards;
  @Mixin private OutputOptions output;

  @Override
  public Integer call() {
    List<Gpu> gpus = cards.gpus();
    KernelLibrary library = KernelLibrary.of(kernel);
    KernelContract contract = library.all().getFirst().contract();
    SequencedMap<String, Path> inputFiles = files("--input", inputs);
    SequencedMap<String, Path> expectedFiles = files("--expect", expected);
    SequencedMap<String, Path> outputFiles = outputFiles(contract);
    List<Path> read =
        Stream.of(inputFiles.values(), expectedFiles.values(), List.of(kernel))
            .flatMap(files -> files.stream())
            .toList();
    outputFiles.values().forEach(file -> OutputPath.requireApart(file, read));
    OwnRun.Request request =
        new OwnRun.Request(
            storage(contract),
            arrays(inputFiles),
            pairs("--scalar", scalars),
            arrays(expectedFiles),
            outputFiles.keySet(),
            tolerance());
    OwnRun run = OwnRun.of(library, request, Runtime.getRuntime().availableProcessors());
    outputFiles.forEach(
        (name, file) -> {
          if (run.outputs().containsKey(name)) {
            run.outputs().get(name).write(file);
          }
        });
    output
        .console()
        .result("run", json(contract, run, gpus), OwnRunText.of(contract, request, run, gpus));
    return run.right() ? 0 : 1;
  }

  private DType storage(KernelContract contract) {
    if (storage == null) {
      return contract.firstStorage();
    }
    if (contract.storages().isEmpty()) {
      throw wrong(
          "--storage is %s, expected none: the header of %s has no 'storage'"
              .formatted(storage.label(), kernel.getFileName()));
    }
    if (!contract.storages().contains(storage)) {
      throw wrong(
          "--storage is %s, expected one of the header's: %s"
              .formatted(
                  storage.label(),
                  contract.storages().stream()
                      .map(DType::label)
                      .collect(Collectors.joining(", "))));
    }
    return storage;
  }

  private OptionalDouble tolerance() {
    if (tolerance == null) {
      return OptionalDouble.empty();
    }
    if (!(tolerance >= 0) || tolerance.isInfinite()) {
      throw wrong("--tolerance is " + tolerance + ", expected a number from 0 on");
    }
    return OptionalDouble.of(tolerance);
  }

  private SequencedMap<String, String> pairs(String option, List<String> given) {
    SequencedMap<String, String> pairs = new LinkedHashMap<>();
    for (String pair : given) {
      int equals = pair.indexOf('=');
      if (equals < 1 || equals == pair.length() - 1) {
        throw wrong("%s is '%s', expected NAME=...".formatted(option, pair));
      }
      String name = pair.substring(0, equals);
      if (pairs.put(name, pair.substring(equals + 1)) != null) {
        throw wrong("%s %s is given twice".formatted(option, name));
      }
    }
    return pairs;
  }

  private SequencedMap<String, Path> files(String option, List<String> given) {
    SequencedMap<String, Path> files = new LinkedHashMap<>();
    pairs(option, given).forEach((name, file) -> files.put(name, Path.of(file)));
    return files;
  }

  private SequencedMap<String, Path> outputFiles(KernelContract contract) {
    List<String> folders = outputs.stream().filter(one -> !one.contains("=")).toList();
    List<String> named = outputs.stream().filter(one -> one.contains("=")).toList();
    SequencedMap<String, Path> files = new LinkedHashMap<>();
    for (String folder : folders) {
      if (folders.size() > 1 || !Files.isDirectory(Path.of(folder))) {
        throw wrong(
            "--output is %s, expected NAME=FILE.npy or one directory that is there"
                .formatted(folder));
      }
      contract.buffers().stream()
          .filter(buffer -> buffer.access() != KernelContract.Access.IN)
          .forEach(
              buffer -> files.put(buffer.name(), Path.of(folder).resolve(buffer.name() + ".npy")));
    }
    files.putAll(files("--output", named));
    Map<Path, String> names = new HashMap<>();
    files.forEach(
        (name, file) -> {
          String other = names.put(file.toAbsolutePath().normalize(), name);
          if (other != null) {
            throw wrong(
                "--output of %s and %s is %s, expected a file for each"
                    .formatted(other, name, file));
          }
        });
    return files;
  }

  private static Map<String, NpyArray> arrays(SequencedMap<String, Path> files) {
    Map<String, NpyArray> arrays = new LinkedHashMap<>();
    files.forEach((name, file) -> arrays.put(name, NpyArray.read(file, OwnRun.MOST_FILE_BYTES)));
    return arrays;
  }

  private ParameterException wrong(String message) {
    return new ParameterException(command.commandLine(), message);
  }

  private static ObjectNode json(KernelContract contract, OwnRun run, List<Gpu> gpus) {
    ObjectNode fields = JsonFiles.object().put("entry", contract.entry());
    ObjectNode scalars = fields.putObject("scalars");
    run.scalars()
        .forEach(
            (name, value) -> {
              if (value instanceof Float number) {
                scalars.put(name, number);
              } else {
                scalars.put(name, value.longValue());
              }
            });
    run.findings().forEach(fields.putArray("findings")::add);
    run.warnings().forEach(fields.putArray("warnings")::add);
    run.launch()
        .ifPresent(
            launch -> {
              fields
                  .put("storage", launch.storage().label())
                  .put("grid", launch.grid())
                  .put("block", launch.block())
                  .put("sharedBytes", launch.sharedBytes())
                  .put("minimumBytes", launch.minimumBytes());
              LaunchCosts.put(fields, launch, gpus);
            });
    ArrayNode compared = fields.putArray("expected");
    run.agreements().forEach(one -> compared.add(OwnRunText.json(one)));
    return fields.put("right", run.right());
  }
}
