package org.mirror4j.device.ptx;

import java.lang.ref.SoftReference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mirror4j.device.launch.source.KernelException;
import org.mirror4j.device.launch.source.KernelSource;
import org.mirror4j.tensor.DType;

/**
 * Programs of all drivers, the latest ones while there is memory: many drivers load the same
 * kernels, and the methods of a compiled program become fast by being executed.
 */
final class PtxPrograms {
  /** All kernels of a build in all storage types. */
  private static final int MOST = 256;

  /** What a program is made of. */
  private record Text(KernelSource source, DType storage) {}

  private static final Map<Text, SoftReference<PtxProgram>> PROGRAMS =
      Collections.synchronizedMap(
          new LinkedHashMap<>(MOST, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Text, SoftReference<PtxProgram>> eldest) {
              return size() > MOST;
            }
          });

  private PtxPrograms() {}

  /**
   * The program of a kernel, parsed where no driver has done it before.
   *
   * @param storage type of the values that the kernel's text leaves open
   * @throws KernelException if the entry has other parameters than the header
   */
  static PtxProgram program(KernelSource source, DType storage) {
    Text text = new Text(source, storage);
    SoftReference<PtxProgram> kept = PROGRAMS.get(text);
    PtxProgram program = kept == null ? null : kept.get();
    if (program == null) {
      PtxModule module = PtxModule.parse(source.file(), source.ptx(storage));
      program = module.program(source.contract().entry(storage));
      requireParameters(source, program);
      PROGRAMS.put(text, new SoftReference<>(program));
    }
    return program;
  }

  /** The header and the entry name the same parameters in the same order. */
  private static void requireParameters(KernelSource source, PtxProgram program) {
    List<String> promised = new ArrayList<>();
    source.contract().buffers().forEach(buffer -> promised.add(buffer.name()));
    source.contract().scalars().forEach(scalar -> promised.add(scalar.name()));
    List<String> found = program.syntax().parameters().stream().map(p -> p.name()).toList();
    if (!found.equals(promised)) {
      throw KernelException.at(
          source.file(),
          1,
          "the entry has the parameters %s, the header says %s".formatted(found, promised));
    }
  }
}
