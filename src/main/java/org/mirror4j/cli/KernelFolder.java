package org.mirror4j.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;
import org.mirror4j.device.launch.source.KernelException;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.text.Spelling;
import picocli.CommandLine.Option;

/** Which kernels. */
final class KernelFolder {
  @Option(
      names = "--kernels",
      paramLabel = "DIR",
      description =
          "Folder of your own .ptx files; they replace kernels of the same name; where there is a"
              + " --device, it has to be cuda or ptx. Default: those of this build alone.")
  private Path folder;

  /** Where they are; null where there are none but those of this build. */
  Path path() {
    return folder;
  }

  /** The kernels of this build and of the folder. */
  KernelLibrary library() {
    return folder == null ? KernelLibrary.bundled() : KernelLibrary.with(folder);
  }

  /**
   * The same, where each kernel of the folder has to replace one: nothing launches others.
   *
   * @throws KernelException names the first that replaces none
   */
  KernelLibrary replacing() {
    KernelLibrary library = library();
    List<String> known =
        KernelLibrary.bundled().all().stream().map(kernel -> kernel.contract().entry()).toList();
    for (String entry : library.own()) {
      if (!known.contains(entry)) {
        throw new KernelException(
            "%s: no kernel of this build is called %s, so that nothing launches it%s"
                .formatted(folder.resolve(entry + ".ptx"), entry, Spelling.hint(entry, known)));
      }
    }
    return library;
  }

  /**
   * Sees to it that there are kernels of some names.
   *
   * @throws KernelException if there is none of a name; the message says what may have been meant
   */
  static void require(KernelLibrary library, List<String> entries) {
    List<String> known = library.all().stream().map(k -> k.contract().entry()).toList();
    for (String entry : entries) {
      if (!known.contains(entry)) {
        throw new KernelException(
            "no kernel %s, there are %s%s".formatted(entry, known, Spelling.hint(entry, known)));
      }
    }
  }

  /** The same without files whose header is wrong, of which each is told by name. */
  KernelLibrary library(BiConsumer<String, KernelException> wrong) {
    return folder == null ? KernelLibrary.bundled() : KernelLibrary.with(folder, wrong);
  }
}
