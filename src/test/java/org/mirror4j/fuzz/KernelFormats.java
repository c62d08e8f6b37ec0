package org.mirror4j.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.mirror4j.device.cuda.Assembler;
import org.mirror4j.device.launch.KernelArguments;
import org.mirror4j.device.launch.source.KernelContract;
import org.mirror4j.device.launch.source.KernelException;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.launch.source.KernelSource;
import org.mirror4j.device.ptx.CtaOrder;
import org.mirror4j.device.ptx.LaunchOptions;
import org.mirror4j.device.ptx.PtxDriver;
import org.mirror4j.device.ptx.PtxEngine;
import org.mirror4j.device.ptx.Schedule;
import org.mirror4j.device.ptx.count.Gpu;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.device.ptx.number.Approximation;
import org.mirror4j.device.ptx.report.PtxException;
import org.mirror4j.device.ptx.syntax.ModuleSyntax;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.file.NpyArray;
import org.mirror4j.file.NpyHeader;
import org.mirror4j.research.GpuFile;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;

/**
 * Kernels: header, notations, PTX, a launch of each on the interpreter; the assembler; arrays that
 * kernels of one's own are given, and cards that a file describes.
 */
final class KernelFormats {
  private static final Set<Class<? extends Exception>> REFUSALS =
      Set.of(KernelException.class, PtxException.class);

  private static final List<String> ENTRIES =
      List.of("scale", "fill", "gather_rows", "normalize_rows_forward", "partial_sums", "narrow");

  private static final List<Mutator> MUTATORS =
      List.of(
          new TextMutator(
              "#2000000000 mov.u32 %r#, 0;",
              "#3 ",
              "<4#+1>",
              ".local .align 4 .b8 q[300000000];",
              ".reg .f32 %zz<2000000000>;",
              ".shared .align 16 .f32 s[64];",
              "AGAIN: bra AGAIN;",
              "@%p_vector ",
              "bar.sync 0;",
              "{",
              "}",
              "grid n / 0, block 256, shared 0",
              "ld.global.row4.storage.words ",
              "shfl.sync.bfly.b32 %r_i, %r_i, 1, 31, 0xffffffff;",
              "atom.global.add.u32 %r_i, [%rd_x], 1;",
              "div.s32 %r_i, %r_i, 0;",
              "\\"),
          new TextMutator(),
          ByteMutator.PLAIN);

  /** Scalars of a launch. */
  private static final long SCALAR = 37;

  private static final long MOST_ELEMENTS = 1 << 16;

  /** Ten thousand registers of a thousand threads, for each storage type. */
  private static final long MOST_BYTES = 512L << 20;

  private KernelFormats() {}

  static List<FuzzTarget> all() {
    return List.of(
        new ReaderTarget(
            "ptx",
            KernelFormats::kernels,
            file -> MUTATORS,
            (input, directory) -> launch(parse(input)),
            REFUSALS,
            false,
            MOST_BYTES),
        new ReaderTarget(
            "ptx-assembler",
            KernelFormats::kernels,
            file -> MUTATORS,
            (input, directory) -> assemble(parse(input)),
            REFUSALS,
            true),
        new ReaderTarget(
            "npy",
            () ->
                List.of(
                    FuzzInput.of("x.npy", array("<f4", 4)), FuzzInput.of("x.npy", array("|u1", 1))),
            file ->
                List.of(
                    new ByteMutator(List.of("'<f8'".getBytes(UTF_8), "True".getBytes(UTF_8))),
                    ByteMutator.PLAIN),
            ReaderTarget.ofFiles(
                directory -> NpyArray.read(directory.resolve("x.npy"), MOST_ELEMENTS)),
            Set.of(FileException.class),
            false),
        new ReaderTarget(
            "gpu",
            () -> List.of(FuzzInput.of("gpu.json", JsonFiles.bytes(JsonRecords.write(Gpu.A100)))),
            file -> List.of(new JsonMutator(), new TextMutator(), ByteMutator.PLAIN),
            ReaderTarget.ofFiles(directory -> GpuFile.read(directory.resolve("gpu.json"))),
            Set.of(FileException.class),
            false));
  }

  /** A file of NumPy with six values. */
  private static byte[] array(String type, int bytes) {
    ByteBuffer header = NpyHeader.write(type, List.of(2L, 3L));
    return ByteBuffer.allocate(header.remaining() + 6 * bytes).put(header).array();
  }

  private static List<FuzzInput> kernels() {
    return ENTRIES.stream()
        .map(entry -> FuzzInput.of(entry + ".ptx", KernelLibrary.bundled().get(entry).text()))
        .toList();
  }

  private static KernelSource parse(FuzzInput input) {
    return KernelSource.parse(input.names().getFirst(), input.text());
  }

  private static List<DType> storages(KernelSource source) {
    return source.contract().storages().isEmpty()
        ? List.of(DType.F32)
        : List.copyOf(source.contract().storages());
  }

  private static void assemble(KernelSource source) {
    String text = source.ptx(storages(source).getFirst());
    ModuleSyntax.requireLimits(source.file(), text);
    Assembler.assemble(source.file(), text, "sm_80");
  }

  /** Launches every variant once, on buffers of the sizes that the header states. */
  private static void launch(KernelSource source) {
    LaunchOptions options =
        new LaunchOptions(
            Schedule.LOCKSTEP,
            CtaOrder.FORWARD,
            7,
            Approximation.NOMINAL,
            PtxEngine.COMPILED,
            1,
            20_000,
            200_000,
            null);
    for (DType storage : storages(source)) {
      try (PtxDriver driver = new PtxDriver(CheckLevel.ALL, options)) {
        launch(driver, source, storage);
      }
    }
  }

  private static void launch(PtxDriver driver, KernelSource source, DType storage) {
    PtxDriver.Kernel kernel = driver.load(source, storage);
    KernelContract contract = source.contract();
    KernelArguments arguments = new KernelArguments(contract, storage);
    long[] values = contract.values(storage);
    for (int i = 0; i < contract.scalars().size(); i++) {
      values[i] = SCALAR;
    }
    List<Tensor> tensors = new ArrayList<>();
    for (KernelContract.Buffer buffer : contract.buffers()) {
      long elements;
      try {
        elements = buffer.elements(values);
      } catch (ArithmeticException e) {
        return; // the driver would say so at the launch
      }
      if (elements < 1 || elements > MOST_ELEMENTS) {
        return;
      }
      DType dtype = buffer.dtype(storage);
      long address = driver.allocate(elements * dtype.bytes());
      driver.fill(address, 0, elements * dtype.bytes() / 4);
      tensors.add(Tensor.at(address, buffer.name(), dtype, Shape.of((int) elements)));
    }
    tensors.forEach(arguments::add);
    for (KernelContract.Scalar scalar : contract.scalars()) {
      if (scalar.type() == KernelContract.ScalarType.F32) {
        arguments.add(0.5f);
      } else {
        arguments.add(SCALAR);
      }
    }
    long grid = contract.grid().evaluate(values);
    long block = contract.block().evaluate(values);
    long shared = contract.shared().evaluate(values);
    contract.traffic().evaluate(values);
    if (grid > 0
        && grid < 1 << 12
        && block > 0
        && block <= 1024
        && shared >= 0
        && shared < 1 << 15) {
      driver.launch(kernel, (int) grid, (int) block, (int) shared, arguments);
    }
  }
}
