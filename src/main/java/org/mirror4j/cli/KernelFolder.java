package org.mirror4j.cli;

import java.nio.file.Path;
import org.mirror4j.device.kernel.KernelLibrary;
import picocli.CommandLine.Option;

/** Which kernels. */
final class KernelFolder {
  @Option(
      names = "--kernels",
      paramLabel = "DIR",
      description =
          "Folder of your own .ptx files; they replace kernels of the same name. Default: those of"
              + " this build alone.")
  private Path folder;

  /** The kernels of this build and of the folder. */
  KernelLibrary library() {
    return folder == null ? KernelLibrary.bundled() : KernelLibrary.with(folder);
  }
}
