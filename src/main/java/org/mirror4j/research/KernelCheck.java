package org.mirror4j.research;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.launch.source.KernelException;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.launch.source.KernelSource;
import org.mirror4j.device.operation.ShapeException;
import org.mirror4j.device.ptx.LaunchOptions;
import org.mirror4j.device.ptx.PtxModule;
import org.mirror4j.device.ptx.PtxProgram;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.device.ptx.report.PtxException;
import org.mirror4j.research.cases.CaseResult;
import org.mirror4j.research.cases.OperationCase;
import org.mirror4j.research.cases.Sizes;
import org.mirror4j.tensor.DType;

/**
 * Holds kernels to what they promise: they assemble without spills, break no rule of the
 * interpreter at awkward sizes, give the same bits in every order of blocks and lanes, and give
 * what the processor gives, wherever in their bounds approximate instructions lie. The processor's
 * results are the reference here; they are themselves tested against plain loops in f64.
 */
public final class KernelCheck implements AutoCloseable {
  private final KernelLibrary library;
  private final LaunchMap launches;
  private final HostDevice processor = new HostDevice(1);

  /** Instructions of warps that the check of the kernel at hand took. */
  private long instructions;

  /** Of the kernel at hand. */
  private final Set<String> warnings = new LinkedHashSet<>();

  /**
   * @param runs cases at one size, in one storage type and order each
   * @param findings one line each, {@code file:line} in front where there is one
   * @param warnings the same of what is allowed and mostly a mistake
   */
  public record Result(
      List<Variant> variants, int runs, List<String> findings, List<String> warnings) {}

  /** A check of the kernels of a library. */
  public KernelCheck(KernelLibrary library, LaunchMap launches) {
    this.library = library;
    this.launches = launches;
  }

  /**
   * Assembles one kernel, and runs nothing.
   *
   * @throws KernelException if there is no such kernel
   */
  public Result assemble(String entry) {
    List<String> findings = new ArrayList<>();
    List<Variant> variants =
        Variant.assemble(library.get(entry), launches.scalars(entry), findings);
    return new Result(variants, 0, findings, List.of());
  }

  /**
   * Assembles one kernel and runs all operations that launch it.
   *
   * @throws KernelException if there is no such kernel
   */
  public Result check(String entry) {
    KernelSource source = library.get(entry);
    Result assembled = assemble(entry);
    Set<String> findings = new LinkedHashSet<>(assembled.findings());
    warnings.clear();
    int runs = 0;
    instructions = 0;
    for (OperationCase one :
        assembled.variants().isEmpty() ? List.<OperationCase>of() : launches.cases(entry)) {
      for (DType storage : storages(source)) {
        runs += run(one, storage, source, findings);
      }
    }
    return new Result(assembled.variants(), runs, List.copyOf(findings), List.copyOf(warnings));
  }

  /** What an entry that is not varied computes does not depend on the storage of others. */
  private static List<DType> storages(KernelSource source) {
    Set<DType> storages = source.contract().storages();
    return storages.isEmpty() ? List.of(DType.F16) : List.copyOf(storages);
  }

  private int run(OperationCase one, DType storage, KernelSource source, Set<String> findings) {
    int runs = 0;
    List<LaunchOptions> ways = new ArrayList<>(Execution.orders());
    int orders = ways.size();
    List<KernelMachine> machines = new ArrayList<>();
    try {
      if (isApproximate(source)) {
        ways.addAll(Execution.approximations());
      }
      for (LaunchOptions way : ways) {
        machines.add(new KernelMachine(library, CheckLevel.ALL, way));
      }
      for (Sizes sizes : one.awkward()) {
        List<CaseResult> reference = reference(one, sizes, storage);
        List<CaseResult> first = null;
        for (int i = 0; i < machines.size(); i++) {
          if (instructions > Execution.INSTRUCTIONS_PER_CHECK) {
            findings.add(
                "%s: the check takes more than %d instructions of warps, the rest was not run"
                    .formatted(source.file(), Execution.INSTRUCTIONS_PER_CHECK));
            return runs;
          }
          List<CaseResult> results = results(machines.get(i), one, sizes, storage);
          runs++;
          first = first == null ? results : first;
          Optional<String> wrong = wrong(results, reference, i < orders ? first : results, storage);
          if (wrong.isPresent()) {
            findings.add(where(source, one, storage, sizes, ways.get(i)) + wrong.get());
            return runs;
          }
        }
      }
    } catch (PtxException | KernelException | ShapeException e) {
      findings.add(e.getMessage());
    } finally {
      for (KernelMachine machine : machines) {
        warnings.addAll(machine.warnings());
        machine.close();
      }
    }
    return runs;
  }

  private List<CaseResult> results(
      KernelMachine machine, OperationCase one, Sizes sizes, DType storage) {
    long before = machine.instructions();
    try {
      return machine.run(one, sizes, storage);
    } finally {
      instructions += machine.instructions() - before;
    }
  }

  /** Whether anything in a kernel is only bounded by the instruction set; no variant adds to it. */
  private static boolean isApproximate(KernelSource source) {
    String text = source.ptx(Variant.storages(source).getFirst());
    return PtxModule.parse(source.file(), text).programs().stream()
        .anyMatch(PtxProgram::isApproximate);
  }

  private List<CaseResult> reference(OperationCase one, Sizes sizes, DType storage) {
    return one.results(processor, DType.F32, storage, sizes);
  }

  private static Optional<String> wrong(
      List<CaseResult> results, List<CaseResult> reference, List<CaseResult> first, DType storage) {
    for (int i = 0; i < results.size(); i++) {
      Optional<String> wrong = results.get(i).difference(reference.get(i), storage);
      wrong = wrong.isPresent() ? wrong : results.get(i).inequality(first.get(i));
      if (wrong.isPresent()) {
        return wrong;
      }
    }
    return Optional.empty();
  }

  private static String where(
      KernelSource source, OperationCase one, DType storage, Sizes sizes, LaunchOptions way) {
    return "%s: %s %s at %s, lanes %s, blocks %s, approximation %s, engine %s: "
        .formatted(
            source.file(),
            one.operation(),
            storage.label(),
            sizes,
            label(way.schedule()),
            label(way.order()),
            way.approximation().label(),
            label(way.engine()));
  }

  private static String label(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public void close() {
    processor.close();
  }
}
