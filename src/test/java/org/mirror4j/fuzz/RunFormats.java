package org.mirror4j.fuzz;

import java.util.List;
import java.util.Set;
import org.mirror4j.cli.PlottedLog;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.train.RunFiles;

/** What a run keeps beside its output, and the log that is drawn. */
final class RunFormats {
  private static final String LOG =
      """
      {"step":1,"epoch":1,"loss":5.25,"learningRate":2.0E-5,"seconds":0.5}
      {"step":2,"epoch":1,"loss":4.5,"learningRate":2.0E-5,"seconds":0.75,"heldOutLoss":4.25}
      {"step":3,"epoch":2,"loss":3.5,"learningRate":1.0E-5,"seconds":1.0}
      """;

  private static final List<Mutator> MUTATORS =
      List.of(new JsonMutator(), new TextMutator(), ByteMutator.PLAIN);

  private RunFormats() {}

  static List<FuzzTarget> all() {
    return List.of(
        new ReaderTarget(
            "run-settings",
            () ->
                List.of(
                    FuzzInput.of("out.training/settings.json", JsonFiles.bytes(RunFiles.stored()))
                        .with("out.training/train.jsonl", LOG)),
            file -> MUTATORS,
            ReaderTarget.ofFiles(directory -> RunFiles.resume(directory.resolve("out"))),
            Set.of(FileException.class),
            false),
        new ReaderTarget(
            "plot",
            () -> List.of(FuzzInput.of("train.jsonl", LOG)),
            file -> List.of(new TextMutator("{\"step\":4,\"loss\":1.0}"), ByteMutator.PLAIN),
            ReaderTarget.ofFiles(
                d -> PlottedLog.draw(d.resolve("train.jsonl"), d.resolve("loss.png"))),
            Set.of(IllegalArgumentException.class),
            false));
  }
}
