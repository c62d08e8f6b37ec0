package org.mirror4j.research;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mirror4j.device.cuda.Assembler;
import org.mirror4j.device.cuda.Assembler.Assembled;
import org.mirror4j.device.launch.source.KernelContract;
import org.mirror4j.device.launch.source.KernelException;
import org.mirror4j.device.launch.source.KernelSource;
import org.mirror4j.device.ptx.count.Gpu;
import org.mirror4j.device.ptx.count.Occupancy;
import org.mirror4j.device.ptx.report.PtxException;
import org.mirror4j.device.ptx.syntax.ModuleSyntax;
import org.mirror4j.tensor.DType;

/**
 * An entry's variant for a storage type, assembled for an architecture.
 *
 * @param entry with its storage type
 * @param occupancy on the card of that architecture with a datasheet here, at the width of
 *     BERT-base, by block and shared bytes of the kernel's own header; empty where no operation
 *     launches the entry, and where a block does not fit
 */
public record Variant(
    String entry, DType storage, Assembled assembled, Optional<Occupancy> occupancy) {
  /** Storage types of the variants of a kernel; f32 for one that is not varied. */
  static List<DType> storages(KernelSource source) {
    return source.contract().storages().isEmpty()
        ? List.of(DType.F32)
        : List.copyOf(source.contract().storages());
  }

  /**
   * Assembles all variants of a kernel for all architectures that have its instructions.
   *
   * @param scalars of a launch of it, if any is known
   * @param findings added to: what is wrong
   */
  static List<Variant> assemble(
      KernelSource source, Optional<long[]> scalars, List<String> findings) {
    List<Variant> variants = new ArrayList<>();
    for (DType storage : storages(source)) {
      String entry = source.contract().entry(storage);
      String text;
      try {
        text = source.ptx(storage);
        // The assembler takes any amount of memory and time, and cannot be stopped.
        ModuleSyntax.requireLimits(source.file(), text);
      } catch (KernelException | PtxException e) {
        findings.add(e.getMessage());
        continue;
      }
      for (String architecture : Assembler.ARCHITECTURES) {
        if (storage == DType.BF16 && architecture.equals("sm_75")) {
          continue; // Turing has no bf16.
        }
        try {
          Assembled assembled = Assembler.assemble(source.file(), text, architecture);
          Optional<Occupancy> occupancy =
              scalars.flatMap(
                  launched -> occupancy(source, storage, assembled, launched, findings));
          variants.add(new Variant(entry, storage, assembled, occupancy));
          if (assembled.spills()) {
            findings.add(
                "%s: %s for %s spills: %d bytes stored, %d loaded"
                    .formatted(
                        source.file(),
                        entry,
                        architecture,
                        assembled.spillStoreBytes(),
                        assembled.spillLoadBytes()));
          }
        } catch (KernelException e) {
          findings.add(e.getMessage());
        }
      }
    }
    return variants;
  }

  private static Optional<Occupancy> occupancy(
      KernelSource source,
      DType storage,
      Assembled assembled,
      long[] scalars,
      List<String> findings) {
    KernelContract contract = source.contract();
    Optional<Gpu> card =
        Gpu.ALL.stream()
            .filter(gpu -> gpu.architecture().equals(assembled.architecture()))
            .findFirst();
    if (card.isEmpty() || contract.scalars().size() != scalars.length) {
      return Optional.empty();
    }
    long[] values = contract.values(storage);
    System.arraycopy(scalars, 0, values, 0, scalars.length);
    try {
      return Optional.of(
          Occupancy.of(
              card.get(),
              contract.block().evaluate(values),
              assembled.registers(),
              assembled.sharedBytes() + contract.shared().evaluate(values)));
    } catch (KernelException e) {
      findings.add(e.getMessage());
    } catch (IllegalArgumentException e) {
      findings.add("%s: %s".formatted(source.file(), e.getMessage()));
    }
    return Optional.empty();
  }
}
