package org.mirror4j.device.host;

import org.mirror4j.device.operation.Activation.Gate;
import org.mirror4j.device.operation.Activation.GateBackward;

/** {@link org.mirror4j.device.operation.Activation#gate} and its gradient, a row at a time. */
final class HostGate {
  /** Rows of a piece. */
  private static final int ROWS = 16;

  private final HostThreads threads;
  private final HostScratch[] scratch;
  private final HostThreads.Task forward = this::forward;
  private final HostThreads.Task backward = this::backward;
  private Gate gate;
  private GateBackward gradients;

  HostGate(HostThreads threads, HostScratch[] scratch) {
    this.threads = threads;
    this.scratch = scratch;
  }

  void forward(Gate operands) {
    gate = operands;
    threads.run((gate.z().rows() + ROWS - 1) / ROWS, forward);
  }

  private void forward(int index, int worker) {
    int width = gate.z().columns();
    int end = Math.min(gate.z().rows(), (index + 1) * ROWS);
    long room = scratch[worker].floats(3L * width);
    for (int row = index * ROWS; row < end; row++) {
      long first = (long) row * width;
      long z = StoredRow.load(gate.z(), first, width, room);
      long a = StoredRow.load(gate.a(), first, width, room + 4L * width);
      long b = StoredRow.load(gate.b(), first, width, room + 8L * width);
      long y = StoredRow.room(gate.y(), first, room);
      for (int i = 0; i < width; i++) {
        float x = HostAllocator.f32(z, i) + HostAllocator.f32(gate.bias().address(), i);
        float e = VectorMath.exp(-Math.abs(x));
        HostAllocator.f32(
            y,
            i,
            Math.fma(
                VectorMath.sigmoid(x, e),
                HostAllocator.f32(a, i),
                VectorMath.sigmoid(-x, e) * HostAllocator.f32(b, i)));
      }
      StoredRow.store(gate.y(), first, width, y);
    }
  }

  void backward(GateBackward operands) {
    gradients = operands;
    gate = operands.forward();
    threads.run((gate.z().rows() + ROWS - 1) / ROWS, backward);
  }

  private void backward(int index, int worker) {
    int width = gate.z().columns();
    int end = Math.min(gate.z().rows(), (index + 1) * ROWS);
    long room = scratch[worker].floats(4L * width);
    for (int row = index * ROWS; row < end; row++) {
      backward((long) row * width, width, room);
    }
  }

  private void backward(long first, int width, long room) {
    long z = StoredRow.load(gate.z(), first, width, room);
    long a = StoredRow.load(gate.a(), first, width, room + 4L * width);
    long b = StoredRow.load(gate.b(), first, width, room + 8L * width);
    long dY = StoredRow.load(gradients.dY(), first, width, room + 12L * width);
    long dZ = StoredRow.room(gradients.dZ(), first, room);
    long dA = StoredRow.room(gradients.dA(), first, room + 4L * width);
    long dB = StoredRow.room(gradients.dB(), first, room + 8L * width);
    for (int i = 0; i < width; i++) {
      float x = HostAllocator.f32(z, i) + HostAllocator.f32(gate.bias().address(), i);
      float e = VectorMath.exp(-Math.abs(x));
      float difference = HostAllocator.f32(a, i) - HostAllocator.f32(b, i);
      float toA = HostAllocator.f32(dY, i) * VectorMath.sigmoid(x, e);
      HostAllocator.f32(dZ, i, toA * difference * VectorMath.sigmoid(-x, e));
      HostAllocator.f32(dA, i, toA);
      HostAllocator.f32(dB, i, HostAllocator.f32(dY, i) * VectorMath.sigmoid(-x, e));
    }
    StoredRow.store(gradients.dZ(), first, width, dZ);
    StoredRow.store(gradients.dA(), first, width, dA);
    StoredRow.store(gradients.dB(), first, width, dB);
  }
}
