package org.mirror4j.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/** What a device refuses: other threads, use after an end, and memory that is not its own. */
public abstract class OwnershipContract {
  /** A device of the calling thread. */
  protected abstract Device open();

  /** All that can be done with a device, but for closing it. */
  private static Map<String, ThrowingCallable> uses(Device device, Tensor x, Tensor ids) {
    Map<String, ThrowingCallable> uses = new LinkedHashMap<>(operands(device, x, ids));
    uses.put("allocate", () -> device.allocate(256));
    uses.put("free", () -> device.free(x.address()));
    uses.put("repeat", () -> device.repeat(x.ownership(), "key", () -> {}));
    uses.put("synchronize", device::synchronize);
    uses.put("plan", () -> new Workspace(device).f32("planned", 3));
    return uses;
  }

  /** All that can be done with tensors; {@code ids} are for what takes no other type. */
  private static Map<String, ThrowingCallable> operands(Device device, Tensor x, Tensor ids) {
    Map<String, ThrowingCallable> uses = new LinkedHashMap<>();
    uses.put("fill", () -> device.kernels().memory().fill(x, 7));
    uses.put("scale", () -> device.kernels().optimizer().scale(x, 7));
    uses.put("convert", () -> device.kernels().memory().convert(x, x.view("same", 0, Shape.of(8))));
    uses.put("add", () -> device.kernels().memory().add(x, x.view("same", 0, Shape.of(8))));
    uses.put("upload floats", () -> device.upload(x, new float[8]));
    uses.put("upload ints", () -> device.upload(ids, new int[8]));
    uses.put("prefetch ints", () -> device.prefetch(ids, new int[8]));
    uses.put("prefetch floats", () -> device.prefetch(x, new float[8]));
    uses.put("download", () -> device.download(new float[8], x));
    uses.put("upload memory", () -> copy(memory -> device.upload(x, memory)));
    uses.put("download memory", () -> copy(memory -> device.download(memory, x)));
    return uses;
  }

  private interface Copy {
    void with(MemorySegment memory);
  }

  private static void copy(Copy copy) {
    try (Arena arena = Arena.ofConfined()) {
      copy.with(arena.allocate(32));
    }
  }

  private static Throwable inAnotherThread(ThrowingCallable call) {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread other = new Thread(() -> thrown.set(catchThrowable(call)), "another");
    other.start();
    try {
      other.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return thrown.get();
  }

  @Test
  void anotherThreadIsRefusedAndChangesNothing() {
    try (Device device = open();
        Workspace workspace = new Workspace(device)) {
      Tensor x = workspace.f32("x", 8);
      device.kernels().memory().fill(x, 2);
      Map<String, ThrowingCallable> uses = uses(device, x, workspace.i32("ids", 8));
      uses.put("rows", () -> x.rows(3));
      uses.put("close workspace", workspace::close);
      uses.put("close", device::close);
      uses.forEach(
          (name, use) ->
              assertThat(inAnotherThread(use))
                  .as(name)
                  .isInstanceOf(WrongThreadException.class)
                  .hasMessage(
                      "device %s belongs to thread '%s', called from 'another': one device a"
                          + " thread",
                      device.name(), Thread.currentThread().getName()));
      float[] values = new float[8];
      device.download(values, x);
      assertThat(values).containsOnly(2);
    }
  }

  @Test
  void aClosedDeviceIsRefused() {
    Device device = open();
    Workspace workspace = new Workspace(device);
    Tensor x = workspace.f32("x", 8);
    Tensor ids = workspace.i32("ids", 8);
    device.close();
    uses(device, x, ids)
        .forEach(
            (name, use) ->
                assertThatThrownBy(use)
                    .as(name)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("device %s is closed", device.name()));
    workspace.close();
    device.close();
  }

  @Test
  void memoryOfAClosedWorkspaceIsRefused() {
    try (Device device = open()) {
      Workspace workspace = new Workspace(device);
      Tensor x = workspace.f32("x", 16);
      Tensor ids = workspace.i32("ids", 8);
      Tensor lent = workspace.lending(x).f32("lent", 8);
      workspace.close();
      workspace.close();
      for (Tensor tensor : List.of(x.view("part", 8, Shape.of(8)), x.rows(8).copy(), lent)) {
        operands(device, tensor, ids)
            .forEach(
                (name, use) ->
                    assertThatThrownBy(use)
                        .as("%s of %s", name, tensor)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageEndingWith("was freed with its workspace"));
      }
      assertThatThrownBy(() -> workspace.f32("more", 1))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("a workspace of device %s is closed", device.name());
    }
  }

  @Test
  void memoryOfAnotherDeviceIsRefused() {
    try (Device device = open();
        HostDevice other = new HostDevice(1);
        Workspace workspace = new Workspace(other);
        Workspace counting = Workspace.counting()) {
      operands(device, workspace.f32("x", 8), workspace.i32("ids", 8))
          .forEach(
              (name, use) ->
                  assertThatThrownBy(use)
                      .as(name)
                      .isInstanceOf(IllegalArgumentException.class)
                      .hasMessageEndingWith(
                          "lies in the memory of another device cpu, expected in that of this"
                              + " device "
                              + device.name()));
      operands(device, counting.f32("x", 8), counting.i32("ids", 8))
          .forEach(
              (name, use) ->
                  assertThatThrownBy(use)
                      .as(name)
                      .isInstanceOf(IllegalArgumentException.class)
                      .hasMessageContaining("lies in no device's memory"));
    }
  }
}
