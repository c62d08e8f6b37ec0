package org.mirror4j.device.ptx;

import java.util.ArrayList;
import java.util.List;
import org.mirror4j.device.launch.KernelArguments;
import org.mirror4j.device.launch.source.KernelContract;
import org.mirror4j.device.launch.source.KernelContract.Access;
import org.mirror4j.device.launch.source.KernelContract.Alias;
import org.mirror4j.device.launch.source.KernelContract.Buffer;
import org.mirror4j.device.launch.source.KernelException;
import org.mirror4j.device.launch.source.KernelSource;
import org.mirror4j.device.ptx.memory.GlobalMemory;
import org.mirror4j.device.ptx.memory.LaunchMemory;
import org.mirror4j.device.ptx.memory.Slice;
import org.mirror4j.device.ptx.report.PtxException;
import org.mirror4j.tensor.Tensor;

/**
 * What a launch is given, as the header of its kernel has it: each buffer cut to the elements that
 * the header says are touched, which may be fewer than its tensor has.
 *
 * @param slices of the buffers, in the header's order
 * @param arguments buffers, then scalars
 */
record LaunchOperands(KernelSource source, List<Slice> slices, List<KernelArgument> arguments) {
  /**
   * The operands of a launch.
   *
   * @throws PtxException if a tensor is smaller than the header says
   * @throws KernelException if a buffer's elements are more than 64 bits count
   */
  static LaunchOperands of(GlobalMemory memory, KernelSource source, KernelArguments given) {
    KernelContract contract = source.contract();
    List<KernelArgument> arguments = new ArrayList<>();
    List<Slice> slices = new ArrayList<>();
    for (int i = 0; i < given.count(); i++) {
      if (i < contract.buffers().size()) {
        slices.add(slice(memory, source, i, given));
        arguments.add(KernelArgument.of(slices.getLast()));
      } else {
        arguments.add(scalar(contract.scalars().get(i - contract.buffers().size()), given.bits(i)));
      }
    }
    return new LaunchOperands(source, slices, arguments);
  }

  private static Slice slice(
      GlobalMemory memory, KernelSource source, int index, KernelArguments arguments) {
    Buffer buffer = source.contract().buffers().get(index);
    Tensor tensor = arguments.tensor(index);
    long elements = elements(source, buffer, arguments.values());
    if (elements < 0 || tensor.size() < elements) {
      throw new PtxException(
          "%s: %s is %s, the header says %d elements"
              .formatted(source.file(), buffer.name(), tensor, elements));
    }
    Slice slice =
        memory.slice(
            tensor.name(),
            tensor.address(),
            elements * tensor.dtype().bytes(),
            tensor.dtype().label(),
            tensor.dtype().bytes(),
            tensor.shape().toString());
    return buffer.access() == Access.IN ? slice.readOnly() : slice;
  }

  private static long elements(KernelSource source, Buffer buffer, long[] values) {
    try {
      return buffer.elements(values);
    } catch (ArithmeticException e) {
      throw new KernelException(
          "%s: buffer %s has a number of elements of more than 64 bits"
              .formatted(source.file(), buffer.name()));
    }
  }

  private static KernelArgument scalar(KernelContract.Scalar scalar, long bits) {
    return switch (scalar.type()) {
      case U32, S32 -> KernelArgument.of((int) bits);
      case F32 -> KernelArgument.of(Float.intBitsToFloat((int) bits));
      case U64 -> KernelArgument.of(bits);
    };
  }

  /**
   * Holds that no buffer lies on another of which one is written, but where the header allows that
   * they are the same.
   *
   * @throws PtxException if two do
   */
  void requireApart() {
    List<Buffer> buffers = source.contract().buffers();
    for (int i = 0; i < buffers.size(); i++) {
      for (int j = i + 1; j < buffers.size(); j++) {
        Slice a = slices.get(i);
        Slice b = slices.get(j);
        boolean overlap =
            a.address() < b.address() + b.bytes() && b.address() < a.address() + a.bytes();
        boolean written = a.writable() || b.writable();
        Alias pair = new Alias(buffers.get(i).name(), buffers.get(j).name());
        if (overlap && written && !(a.address() == b.address() && isAllowed(pair))) {
          throw new PtxException(
              "%s: %s and %s overlap, which the header does not allow"
                  .formatted(source.file(), pair.first(), pair.second()));
        }
      }
    }
  }

  private boolean isAllowed(Alias pair) {
    List<Alias> aliases = source.contract().aliases();
    return aliases.contains(pair) || aliases.contains(new Alias(pair.second(), pair.first()));
  }

  /**
   * Reports each output that the launch did not write whole as a finding.
   *
   * @param used what the launch touched
   */
  void requireAllWritten(LaunchMemory used) {
    List<Buffer> buffers = source.contract().buffers();
    for (int i = 0; i < buffers.size(); i++) {
      if (buffers.get(i).access() == Access.OUT) {
        used.requireAllWritten(i + 1, source.file());
      }
    }
  }
}
