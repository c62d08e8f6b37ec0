package org.mirror4j.cli;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.ptx.PtxEngine;
import org.mirror4j.research.KernelProfile;
import org.mirror4j.research.cases.Sizes;
import org.mirror4j.tensor.DType;
import org.mirror4j.text.Spelling;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which launch is counted. */
final class ProfiledLaunch {
  @Parameters(paramLabel = "ENTRY", description = "Name of the kernel, without its storage type.")
  private String entry;

  @Option(
      names = "--shape",
      paramLabel = "SIZES",
      defaultValue = "",
      description =
          "Sizes other than those of BERT-base with 1,800 tokens in 400 sequences:"
              + " tokens=512,hidden=256. 'kernels list ENTRY' shows those of a kernel.")
  private String shape;

  @Option(
      names = "--storage",
      paramLabel = "TYPE",
      description = "f32, f16 or bf16. Default: the first of these that the header has.")
  private DType storage;

  @Option(
      names = "--engine",
      paramLabel = "NAME",
      defaultValue = "compiled",
      description =
          "What executes the instructions: compiled (straight runs of them as methods, lanes as"
              + " vectors) or reference (one after the other, two to five times slower). Counts and"
              + " results are the same. Default: ${DEFAULT-VALUE}.")
  private PtxEngine engine;

  @Mixin private KernelFolder folder;

  private KernelLibrary library;

  /** The kernels there are, read once: people change a file while it is counted. */
  KernelLibrary library() {
    if (library == null) {
      library = folder.library();
    }
    return library;
  }

  /** Says where the folder has no kernel of this name, so that this build's is counted. */
  void remark(Console console) {
    Set<String> own = library().own();
    if (folder.path() != null && !own.contains(entry)) {
      console.notice(
          "%s has no %s.ptx: this build's is counted%s"
              .formatted(folder.path(), entry, Spelling.hint(entry, own)));
    }
  }

  /** Counts it. */
  KernelProfile profile() {
    return profile(library());
  }

  /** Counts the kernel of this build whose place it takes, where it does. */
  Optional<KernelProfile> original() {
    return library().replaced().containsKey(entry)
        ? Optional.of(profile(KernelLibrary.bundled()))
        : Optional.empty();
  }

  private KernelProfile profile(KernelLibrary library) {
    KernelFolder.require(library, List.of(entry));
    return KernelProfile.of(
        library,
        entry,
        storage == null ? library.get(entry).contract().firstStorage() : storage,
        Sizes.of(shape),
        engine,
        Runtime.getRuntime().availableProcessors());
  }
}
