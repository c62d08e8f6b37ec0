package org.mirror4j.bench.card;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.mirror4j.device.cuda.StandIn;
import org.mirror4j.device.cuda.StandInDriver;

/** cuDNN as far as it is measured: on packed [rows, columns] of f32 and f16, in a stream. */
final class StandInCudnn extends StandIn {
  static final int BAD_PARAM = 2000;
  static final int NOT_SUPPORTED = 3000;
  static final int INTERNAL_ERROR = 4000;

  private static final int F32 = 0;
  private static final int F16 = 2;
  private static final int ACCURATE = 1;
  private static final int TANH = 2;
  private static final int STATES_BYTES = 64;

  /** Computes one element of a result. */
  private interface Element {
    double at(int row, int column);
  }

  private record Layout(int type, int rows, int columns) {
    int bytes() {
      return type == F32 ? Float.BYTES : Short.BYTES;
    }

    int size() {
      return rows * columns;
    }
  }

  private final StandInDriver driver;
  private final int[] version;
  private final Map<Long, Layout> layouts = new HashMap<>();

  /** Handles and descriptors that are still to be destroyed. */
  private final Set<Long> open = new HashSet<>();

  private long nextHandle = 0xD000;
  private long stream;
  private double keep;
  private long states;
  private int activation = -1;

  /**
   * @param driver whose streams take the work; null if there is to be none
   * @param version major, minor, patch
   */
  StandInCudnn(StandInDriver driver, int... version) {
    super(INTERNAL_ERROR);
    this.driver = driver;
    this.version = version;
  }

  /** Lays the library and its parts into the folder that a distribution has them in. */
  static Path install(Path root) throws IOException {
    Path library = library("target/bench/native/libcudnn.so.9");
    library("target/bench/classes/org/mirror4j/bench/card/libcudnn.so.8");
    Path folder = Files.createDirectories(root.resolve("usr/lib/x86_64-linux-gnu"));
    Files.copy(library, folder.resolve("libcudnn_graph.so.9"));
    Files.copy(library, folder.resolve("libcudnn_ops.so.9"));
    return Files.copy(library, folder.resolve("libcudnn.so.9"));
  }

  long stream() {
    return stream;
  }

  boolean allDestroyed() {
    return open.isEmpty();
  }

  private int create(long to) {
    open.add(nextHandle);
    setLong(to, nextHandle++);
    return 0;
  }

  private int destroy(long handle) {
    return open.remove(handle) ? 0 : BAD_PARAM;
  }

  int cudnnGetProperty(int part, long to) {
    setInt(to, version[part]);
    return 0;
  }

  int cudnnCreate(long to) {
    return create(to);
  }

  int cudnnDestroy(long handle) {
    return destroy(handle);
  }

  int cudnnSetStream(long handle, long stream) {
    this.stream = stream;
    return 0;
  }

  int cudnnCreateTensorDescriptor(long to) {
    return create(to);
  }

  int cudnnSetTensor4dDescriptor(
      long descriptor, int format, int type, int n, int c, int h, int w) {
    if (format != 0 || (type != F32 && type != F16) || h != 1 || w != 1) {
      return NOT_SUPPORTED;
    }
    layouts.put(descriptor, new Layout(type, n, c));
    return 0;
  }

  int cudnnDestroyTensorDescriptor(long descriptor) {
    return destroy(descriptor);
  }

  int cudnnCreateActivationDescriptor(long to) {
    return create(to);
  }

  int cudnnSetActivationDescriptor(long descriptor, int mode, int nan, double coefficient) {
    activation = coefficient == 0 ? mode : -1;
    return 0;
  }

  int cudnnDestroyActivationDescriptor(long descriptor) {
    return destroy(descriptor);
  }

  int cudnnCreateDropoutDescriptor(long to) {
    return create(to);
  }

  int cudnnDropoutGetStatesSize(long handle, long to) {
    setLong(to, STATES_BYTES);
    return 0;
  }

  int cudnnSetDropoutDescriptor(
      long descriptor, long handle, float rate, long states, long bytes, long seed) {
    if (bytes < STATES_BYTES) {
      return BAD_PARAM;
    }
    keep = 1 - rate;
    this.states = states;
    return 0;
  }

  int cudnnDestroyDropoutDescriptor(long descriptor) {
    return destroy(descriptor);
  }

  /** A byte an element: this one drops every third. */
  int cudnnDropoutGetReserveSpaceSize(long descriptor, long to) {
    setLong(to, layouts.get(descriptor).size());
    return 0;
  }

  int cudnnDropoutForward(
      long handle,
      long dropout,
      long xLayout,
      long x,
      long yLayout,
      long y,
      long mask,
      long bytes) {
    Layout layout = layouts.get(xLayout);
    if (!layout.equals(layouts.get(yLayout)) || bytes < layout.size() || states == 0) {
      return BAD_PARAM;
    }
    driver.put(
        stream,
        () -> {
          for (int i = 0; i < layout.size(); i++) {
            ALL.set(ValueLayout.JAVA_BYTE, mask + i, (byte) (i % 3 == 0 ? 0 : 1));
          }
          driver.written(mask, layout.size());
        });
    return cudnnDropoutBackward(handle, dropout, xLayout, x, yLayout, y, mask, bytes);
  }

  int cudnnDropoutBackward(
      long handle, long dropout, long from, long dY, long to, long dX, long mask, long bytes) {
    Layout layout = layouts.get(from);
    put(
        to,
        dX,
        (row, column) ->
            get(layout, dY, row, column)
                * ALL.get(ValueLayout.JAVA_BYTE, mask + row * layout.columns() + column)
                / keep);
    return 0;
  }

  int cudnnSoftmaxForward(
      long handle,
      int algorithm,
      int mode,
      long alpha,
      long xLayout,
      long x,
      long beta,
      long yLayout,
      long y) {
    if (algorithm != ACCURATE || !plain(alpha, beta)) {
      return BAD_PARAM;
    }
    Layout layout = layouts.get(xLayout);
    put(
        yLayout,
        y,
        (row, column) -> {
          double sum = 0;
          for (int i = 0; i < layout.columns(); i++) {
            sum += Math.exp(get(layout, x, row, i));
          }
          return Math.exp(get(layout, x, row, column)) / sum;
        });
    return 0;
  }

  int cudnnSoftmaxBackward(
      long handle,
      int algorithm,
      int mode,
      long alpha,
      long yLayout,
      long y,
      long dYLayout,
      long dY,
      long beta,
      long dXLayout,
      long dX) {
    if (algorithm != ACCURATE || !plain(alpha, beta)) {
      return BAD_PARAM;
    }
    Layout layout = layouts.get(yLayout);
    put(
        dXLayout,
        dX,
        (row, column) -> {
          double sum = 0;
          for (int i = 0; i < layout.columns(); i++) {
            sum += get(layout, y, row, i) * get(layout, dY, row, i);
          }
          return get(layout, y, row, column) * (get(layout, dY, row, column) - sum);
        });
    return 0;
  }

  int cudnnActivationForward(
      long handle, long of, long alpha, long xLayout, long x, long beta, long yLayout, long y) {
    if (activation != TANH || !plain(alpha, beta)) {
      return BAD_PARAM;
    }
    Layout layout = layouts.get(xLayout);
    put(yLayout, y, (row, column) -> Math.tanh(get(layout, x, row, column)));
    return 0;
  }

  int cudnnActivationBackward(
      long handle,
      long of,
      long alpha,
      long yLayout,
      long y,
      long dYLayout,
      long dY,
      long xLayout,
      long x,
      long beta,
      long dXLayout,
      long dX) {
    if (activation != TANH || !plain(alpha, beta)) {
      return BAD_PARAM;
    }
    Layout layout = layouts.get(yLayout);
    put(
        dXLayout,
        dX,
        (row, column) -> {
          double tanh = get(layout, y, row, column);
          return get(layout, dY, row, column) * (1 - tanh * tanh);
        });
    return 0;
  }

  /** Results are neither scaled nor added to. */
  private static boolean plain(long alpha, long beta) {
    return ALL.get(ValueLayout.JAVA_FLOAT, alpha) == 1
        && ALL.get(ValueLayout.JAVA_FLOAT, beta) == 0;
  }

  private void put(long to, long address, Element element) {
    Layout layout = layouts.get(to);
    driver.put(
        stream,
        () -> {
          for (int row = 0; row < layout.rows(); row++) {
            for (int column = 0; column < layout.columns(); column++) {
              long at = address + ((long) row * layout.columns() + column) * layout.bytes();
              float value = (float) element.at(row, column);
              if (layout.type() == F32) {
                ALL.set(ValueLayout.JAVA_FLOAT, at, value);
              } else {
                ALL.set(ValueLayout.JAVA_SHORT, at, Float.floatToFloat16(value));
              }
            }
          }
          driver.written(address, (long) layout.size() * layout.bytes());
        });
  }

  private static double get(Layout layout, long address, int row, int column) {
    long at = address + ((long) row * layout.columns() + column) * layout.bytes();
    return layout.type() == F32
        ? ALL.get(ValueLayout.JAVA_FLOAT, at)
        : Float.float16ToFloat(ALL.get(ValueLayout.JAVA_SHORT, at));
  }
}
