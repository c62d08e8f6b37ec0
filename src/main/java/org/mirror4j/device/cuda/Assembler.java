package org.mirror4j.device.cuda;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jcuda.nvptxcompiler.JNvPTXCompiler;
import jcuda.nvptxcompiler.nvPTXCompileResult;
import jcuda.nvptxcompiler.nvPTXCompilerHandle;
import org.mirror4j.device.launch.source.KernelException;

/**
 * NVIDIA's PTX assembler, as JCuda brings it along: it needs neither CUDA nor a card, and knows PTX
 * up to version 8.0. It says what an entry takes of a multiprocessor, or what is wrong with it.
 */
public final class Assembler {
  /** What kernels are assembled for: Turing, Ampere, Hopper. */
  public static final List<String> ARCHITECTURES = List.of("sm_75", "sm_80", "sm_90");

  /** White space and comments, without a way back: one that takes them anew has no end. */
  private static final String BLANKS = "(?:\\s++|//[^\\n]*+\\n)";

  /** Without these directives in front the library ends the process. */
  private static final Pattern BEGINNING =
      Pattern.compile(
          BLANKS + "*+\\.version\\s+\\d+\\.\\d+" + BLANKS + "++\\.target\\s+sm_\\d+\\s");

  private static final Pattern ERROR =
      Pattern.compile("line (\\d+); (?:error|fatal)\\s*: (.*)", Pattern.CASE_INSENSITIVE);
  private static final Pattern REGISTERS = Pattern.compile("Used (\\d+) registers");
  private static final Pattern SHARED = Pattern.compile("(\\d+) bytes smem");
  private static final Pattern STACK = Pattern.compile("(\\d+) bytes stack frame");
  private static final Pattern SPILL_STORES = Pattern.compile("(\\d+) bytes spill stores");
  private static final Pattern SPILL_LOADS = Pattern.compile("(\\d+) bytes spill loads");

  /**
   * What an entry became.
   *
   * @param architecture what it was assembled for
   * @param registers registers of a thread
   * @param sharedBytes static shared memory of a CTA
   * @param stackBytes local memory of a thread, spilled registers in it
   * @param spillStoreBytes stores of registers that did not fit, a thread
   * @param spillLoadBytes loads of them
   */
  public record Assembled(
      String architecture,
      int registers,
      int sharedBytes,
      int stackBytes,
      int spillStoreBytes,
      int spillLoadBytes) {
    /** Whether registers did not suffice. */
    public boolean spills() {
      return spillStoreBytes > 0 || spillLoadBytes > 0;
    }
  }

  private Assembler() {}

  /**
   * Assembles a file with one entry.
   *
   * @param fileName name for the error
   * @param text PTX, expanded
   * @param architecture as {@code sm_75}
   * @throws KernelException {@code file:line: ...} with all that is wrong in the first such line
   * @throws CudaUnavailableException if there is no assembler for this machine
   */
  public static synchronized Assembled assemble(String fileName, String text, String architecture) {
    if (!BEGINNING.matcher(text).lookingAt()) {
      throw KernelException.at(
          fileName, 1, "does not begin with .version and .target, as '.version 7.0 .target sm_75'");
    }
    JCudaNatives.initialize("jcuda.nvptxcompiler.JNvPTXCompiler");
    byte[] program = (text + "\0").getBytes(StandardCharsets.UTF_8);
    nvPTXCompilerHandle handle = new nvPTXCompilerHandle();
    require("create", JNvPTXCompiler.nvPTXCompilerCreate(handle, program.length, program));
    try {
      String[] options = {"--gpu-name=" + architecture, "--verbose"};
      int result = JNvPTXCompiler.nvPTXCompilerCompile(handle, options.length, options);
      if (result != nvPTXCompileResult.NVPTXCOMPILE_SUCCESS) {
        throw failure(fileName, architecture, errorLog(handle), result);
      }
      return read(fileName, architecture, infoLog(handle));
    } finally {
      require("destroy", JNvPTXCompiler.nvPTXCompilerDestroy(handle));
    }
  }

  private static String errorLog(nvPTXCompilerHandle handle) {
    long[] size = new long[1];
    require("error log", JNvPTXCompiler.nvPTXCompilerGetErrorLogSize(handle, size));
    byte[] log = new byte[(int) size[0] + 1];
    require("error log", JNvPTXCompiler.nvPTXCompilerGetErrorLog(handle, log));
    return text(log);
  }

  private static String infoLog(nvPTXCompilerHandle handle) {
    long[] size = new long[1];
    require("log", JNvPTXCompiler.nvPTXCompilerGetInfoLogSize(handle, size));
    byte[] log = new byte[(int) size[0] + 1];
    require("log", JNvPTXCompiler.nvPTXCompilerGetInfoLog(handle, log));
    return text(log);
  }

  private static String text(byte[] log) {
    String whole = new String(log, StandardCharsets.UTF_8);
    int end = whole.indexOf('\0');
    return end < 0 ? whole : whole.substring(0, end);
  }

  private static KernelException failure(
      String fileName, String architecture, String log, int result) {
    Matcher error = ERROR.matcher(log);
    String line = null;
    StringJoiner reasons = new StringJoiner("; ");
    while (error.find() && (line == null || line.equals(error.group(1)))) {
      line = error.group(1);
      reasons.add(error.group(2).strip());
    }
    if (line != null) {
      return KernelException.at(
          fileName, Integer.parseInt(line), "%s: %s".formatted(architecture, reasons));
    }
    String reason =
        log.isBlank()
            ? nvPTXCompileResult.stringFor(result)
            : log.strip().lines().findFirst().get();
    return new KernelException("%s: %s: %s".formatted(fileName, architecture, reason));
  }

  private static Assembled read(String fileName, String architecture, String log) {
    OptionalInt registers = number(REGISTERS, log);
    if (registers.isEmpty()) {
      throw new KernelException("%s: %s: there is no entry".formatted(fileName, architecture));
    }
    return new Assembled(
        architecture,
        registers.getAsInt(),
        number(SHARED, log).orElse(0),
        number(STACK, log).orElse(0),
        number(SPILL_STORES, log).orElse(0),
        number(SPILL_LOADS, log).orElse(0));
  }

  private static OptionalInt number(Pattern pattern, String log) {
    Matcher matcher = pattern.matcher(log);
    return matcher.find()
        ? OptionalInt.of(Integer.parseInt(matcher.group(1)))
        : OptionalInt.empty();
  }

  private static void require(String call, int result) {
    if (result != nvPTXCompileResult.NVPTXCOMPILE_SUCCESS) {
      throw new IllegalStateException(
          "assembler, %s: %s".formatted(call, nvPTXCompileResult.stringFor(result)));
    }
  }
}
