package org.mirror4j.device.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.mirror4j.device.ptx.Interpreter;
import org.mirror4j.device.ptx.KernelArgument;
import org.mirror4j.device.ptx.LaunchOptions;
import org.mirror4j.device.ptx.PtxModule;
import org.mirror4j.device.ptx.PtxProgram;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.device.ptx.memory.GlobalMemory;
import org.mirror4j.device.ptx.memory.Slice;
import org.mirror4j.device.ptx.report.Findings;
import org.mirror4j.device.ptx.report.PtxException;
import org.mirror4j.device.ptx.syntax.Dim3;
import org.mirror4j.device.ptx.syntax.Parameter;

/** A card whose kernels the interpreter executes, under all of its checks. */
public final class InterpretedMachine implements StandInDriver.Machine {
  private final Findings findings = new Findings();
  private final GlobalMemory memory = new GlobalMemory(CheckLevel.ALL, findings);
  private final Interpreter interpreter = new Interpreter(memory);
  private final TreeMap<Long, Slice> blocks = new TreeMap<>();

  /** What the checks have found. */
  Findings findings() {
    return findings;
  }

  @Override
  public long allocate(long bytes) {
    Slice block = memory.allocate("block", bytes);
    blocks.put(block.address(), block);
    return block.address();
  }

  @Override
  public void free(long address) {
    blocks.remove(address);
    memory.free(address);
  }

  @Override
  public void written(long address, long bytes) {
    memory.markWritten(address, bytes);
  }

  @Override
  public Module assemble(String ptx) {
    try {
      return new Module(PtxModule.parse("module.ptx", ptx).programs().getFirst());
    } catch (PtxException refused) {
      throw new IllegalArgumentException(refused.getMessage(), refused);
    }
  }

  /** A module of one entry. */
  final class Module implements StandInDriver.Machine.Module {
    private final PtxProgram program;

    private Module(PtxProgram program) {
      this.program = program;
    }

    @Override
    public String entry() {
      return program.syntax().name();
    }

    @Override
    public List<Integer> parameterBytes() {
      return program.syntax().parameters().stream().map(p -> p.type().bytes()).toList();
    }

    @Override
    public void launch(int grid, int block, int sharedBytes, long[] arguments) {
      List<KernelArgument> given = new ArrayList<>();
      for (int i = 0; i < arguments.length; i++) {
        given.add(argument(program.syntax().parameters().get(i), arguments[i]));
      }
      interpreter.launch(
          program,
          new Dim3(grid, 1, 1),
          new Dim3(block, 1, 1),
          sharedBytes,
          given,
          LaunchOptions.defaults());
    }

    private KernelArgument argument(Parameter parameter, long bits) {
      if (parameter.isPointer()) {
        return KernelArgument.of(restOfBlock(bits));
      }
      if (parameter.type().isFloat()) {
        return KernelArgument.of(Float.intBitsToFloat((int) bits));
      }
      return parameter.type().bits() == Long.SIZE
          ? KernelArgument.of(bits)
          : KernelArgument.of((int) bits);
    }
  }

  /** All that a bare pointer may reach: the driver knows of no tensors. */
  private Slice restOfBlock(long address) {
    Map.Entry<Long, Slice> block = blocks.floorEntry(address);
    long bytes = block.getKey() + block.getValue().bytes() - address;
    return memory.slice("pointer", address, bytes, "u8", 1, "[" + bytes + "]");
  }
}
