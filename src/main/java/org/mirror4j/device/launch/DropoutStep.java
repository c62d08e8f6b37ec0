package org.mirror4j.device.launch;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.tensor.Allocator;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;

/**
 * The number of the training step in device memory, where kernels read it: a launch that is
 * recorded once and replayed draws other bits in each step.
 */
final class DropoutStep {
  private final Driver driver;
  private final Tensor tensor;
  private final MemorySegment host;
  private boolean recording;
  private Dropout recorded = Dropout.NONE;

  DropoutStep(Driver driver) {
    this.driver = driver;
    tensor =
        Tensor.at(driver.allocate(Allocator.ALIGNMENT), "dropout step", DType.I32, Shape.of(1));
    host = Arena.ofAuto().allocate(ValueLayout.JAVA_INT);
    host.set(ValueLayout.JAVA_INT, 0, 0);
    driver.upload(tensor.address(), host, Integer.BYTES);
  }

  /** i32[1], the step of {@code dropout} when the launch that is given it runs. */
  Tensor of(Dropout dropout) {
    if (dropout.threshold() != 0 || dropout.headThreshold() != 0) {
      if (recording) {
        recorded = dropout;
      } else {
        refresh(dropout);
      }
    }
    return tensor;
  }

  /** Brings the device up to the step of a dropout; of none it is left as it is. */
  void refresh(Dropout dropout) {
    if (dropout != Dropout.NONE && host.get(ValueLayout.JAVA_INT, 0) != dropout.step()) {
      host.set(ValueLayout.JAVA_INT, 0, dropout.step());
      driver.upload(tensor.address(), host, Integer.BYTES);
    }
  }

  /** From here on nothing may be uploaded. */
  void startRecording() {
    recording = true;
    recorded = Dropout.NONE;
  }

  /** Uploads are allowed again. */
  void endRecording() {
    recording = false;
  }

  /** Whose step the launches read that were recorded last: each replay is of its step. */
  Dropout recorded() {
    return recorded;
  }
}
