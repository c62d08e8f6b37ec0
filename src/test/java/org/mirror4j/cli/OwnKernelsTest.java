package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.device.launch.source.KernelLibrary;

/** Kernels of the user's own in training and embedding. */
class OwnKernelsTest {
  @TempDir Path folder;
  private Path model;
  private Path corpus;
  private Path kernels;

  @BeforeEach
  void writeFiles() throws IOException {
    model = CommandRun.model(folder.resolve("model"));
    corpus = Files.write(folder.resolve("corpus.txt"), List.of("a b", "c", "d e f", "g"));
    kernels = Files.createDirectory(folder.resolve("kernels"));
  }

  /** A kernel of this build with a text of it replaced. */
  private void write(String entry, String text, String by) throws IOException {
    String changed = KernelLibrary.bundled().get(entry).text().replace(text, by);
    Files.writeString(kernels.resolve(entry + ".ptx"), changed);
  }

  private Path embed(String output, Object... more) {
    Path file = folder.resolve(output);
    CommandRun run = CommandRun.embed(model, corpus, file, more);
    assertThat(run.err())
        .contains(
            more.length == 2
                ? "device ptx"
                : "kernels of %s in place of this build's: pool_forward".formatted(kernels));
    return file;
  }

  @Test
  void embedTakesKernelsOfAFolder() throws IOException {
    Path bundled = embed("bundled.npy", "--device", "ptx");
    write("pool_forward", "    ret;", "    // the same\n    ret;");
    Path same = embed("same.npy", "--device", "ptx", "--kernels", kernels);
    assertThat(Files.mismatch(bundled, same)).isEqualTo(-1);
    write("pool_forward", "add.rn.f32", "sub.rn.f32");
    Path other = embed("other.npy", "--device", "ptx", "--kernels", kernels);
    assertThat(Files.mismatch(bundled, other)).isPositive();
    assertThat(Files.size(bundled)).isEqualTo(Files.size(other));
  }

  @Test
  void partsAreThoseOfTheirKernels() throws IOException {
    write("pool_forward", "    ret;", "    // the same\n    ret;");
    Path parts = folder.resolve("parts");
    CommandRun.embed(
        model, corpus, parts, "--device", "ptx", "--part-lines", 2, "--kernels", kernels);
    CommandRun others =
        CommandRun.of(
            "embed",
            "--model",
            model,
            "--input",
            corpus,
            "--output",
            parts,
            "--device",
            "ptx",
            "--part-lines",
            2);
    assertThat(others.exit()).isEqualTo(1);
    assertThat(others.err()).contains("its parts were made with").contains("--overwrite");
  }

  @Test
  void aRunIsThatOfItsKernels() throws IOException {
    write("adam_w", "    ret;", "    // the same\n    ret;");
    Path output = folder.resolve("output");
    Object[] arguments = {
      "train",
      "--model",
      model,
      "--corpus",
      corpus,
      "--output",
      output,
      "--device",
      "ptx",
      "--batch-size",
      4,
      "--epochs",
      1,
      "--max-length",
      8,
      "--kernels",
      kernels,
      "--resume"
    };
    Object[] first = Arrays.copyOf(arguments, arguments.length - 1);
    CommandRun run = CommandRun.done(first);
    assertThat(run.err())
        .contains("kernels of %s in place of this build's: adam_w".formatted(kernels))
        .containsPattern("kernels=\\{\"adam_w\":\"[0-9a-f]{64}\"");
    assertThat(Files.readString(output.resolve("mirror4j.json"))).contains("\"adam_w\" : \"");
    assertThat(CommandRun.done(arguments).err()).contains("is there already");
    write("adam_w", "    ret;", "    // still the same\n    ret;");
    CommandRun changed = CommandRun.of(arguments);
    assertThat(changed.exit()).isEqualTo(1);
    assertThat(changed.err())
        .contains("kernels was {\"adam_w\":\"", " in the run that made it, now {\"adam_w\":\"");
  }

  @Test
  void whatNothingLaunchesIsRefused() throws IOException {
    write("pool_forward", "    ret;", "    // the same\n    ret;");
    Files.writeString(
        kernels.resolve("pol_forward.ptx"),
        KernelLibrary.bundled().get("pool_forward").text().replace("pool_forward", "pol_forward"));
    Path output = folder.resolve("none");
    for (List<Object> command :
        List.of(
            List.<Object>of(
                "embed", "--model", model, "--input", corpus, "--output", output + ".npy"),
            List.<Object>of("train", "--model", model, "--corpus", corpus, "--output", output),
            List.<Object>of("pretrain", "--corpus", corpus, "--output", output))) {
      Object[] all =
          Stream.concat(command.stream(), List.of("--kernels", kernels, "--device", "ptx").stream())
              .toArray();
      CommandRun unknown = CommandRun.of(all);
      assertThat(unknown.exit()).isEqualTo(1);
      assertThat(unknown.err())
          .contains(
              kernels.resolve("pol_forward.ptx")
                  + ": no kernel of this build is called pol_forward",
              "did you mean pool_forward?");
      all[all.length - 1] = "cpu";
      Files.move(kernels.resolve("pol_forward.ptx"), folder.resolve("kept"));
      CommandRun processor = CommandRun.of(all);
      assertThat(processor.exit()).isEqualTo(2);
      assertThat(processor.err())
          .contains("--kernels " + kernels + ": the device cpu executes no kernels, expected");
      Files.move(folder.resolve("kept"), kernels.resolve("pol_forward.ptx"));
      assertThat(output).doesNotExist();
    }
    CommandRun epoch = CommandRun.of("kernels", "epoch", "--recipe", "word", "--kernels", kernels);
    assertThat(epoch.err()).contains("no kernel of this build is called pol_forward");
    Object[] profile = {
      "kernels", "profile", "scale", "--shape", "elements=8", "--kernels", kernels
    };
    assertThat(CommandRun.done(profile).err())
        .contains(kernels + " has no scale.ptx: this build's is counted");
  }
}
