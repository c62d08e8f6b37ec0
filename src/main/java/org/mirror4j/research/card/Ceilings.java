package org.mirror4j.research.card;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.mirror4j.device.Precision;
import org.mirror4j.device.launch.Driver;
import org.mirror4j.device.launch.DriverDevice;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Ownership;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * What the card reaches at best: bytes a second of a copy by the driver, of a fill and of the scale
 * kernel (a read and a write of each byte), and flops a second of cuBLAS at the model's shapes.
 */
final class Ceilings implements CardPart {
  private static final int TOKENS = 1800;

  /**
   * Products between two events, replayed from one recording: those of half precision take less
   * time than the host takes to ask for them one by one.
   */
  private static final int PRODUCTS = 20;

  @Override
  public String name() {
    return "ceilings";
  }

  @Override
  public void measure(CardBench bench, ObjectNode result) {
    Driver driver = bench.drivers().get();
    try (DriverDevice device = bench.device(driver)) {
      bandwidth(bench, driver, device).forEach(result.putObject("bytesPerSecond")::put);
      for (Precision precision : device.precisions().stream().sorted().toList()) {
        ObjectNode rates = result.withObject("/flopsPerSecond").putObject(precision.label());
        products(bench, driver, device.computing(precision), precision.storage(), rates);
      }
    }
  }

  /** Bytes a second of a copy by the driver, of a fill and of the scale kernel. */
  static Map<String, Double> bandwidth(CardBench bench, Driver driver, DriverDevice device) {
    try (Workspace workspace = new Workspace(device)) {
      int elements = Math.toIntExact(bench.size().streamBytes() / Float.BYTES);
      Tensor x = workspace.f32("x", elements);
      Tensor y = workspace.f32("y", elements);
      device.upload(x, random(elements));
      Kernels kernels = device.kernels();
      double bytes = 1e6 * bench.size().streamBytes();
      int repeats = bench.size().repeats();
      Map<String, Double> rates = new LinkedHashMap<>();
      rates.put(
          "copy", 2 * bytes / Timing.micros(driver, repeats, () -> kernels.memory().copy(y, x)));
      rates.put("fill", bytes / Timing.micros(driver, repeats, () -> kernels.memory().fill(y, 1)));
      // A factor of one keeps the values as they are.
      rates.put(
          "scale",
          2 * bytes / Timing.micros(driver, repeats, () -> kernels.optimizer().scale(x, 1)));
      return rates;
    }
  }

  private static void products(
      CardBench bench, Driver driver, DriverDevice device, DType type, ObjectNode rates) {
    int tokens = Math.min(TOKENS, bench.size().hiddenSize() * 3);
    int h = bench.size().hiddenSize();
    for (int[] layer :
        List.of(
            new int[] {3 * h, h}, new int[] {h, h}, new int[] {4 * h, h}, new int[] {h, 4 * h})) {
      try (Workspace workspace = new Workspace(device)) {
        Tensor x = operand(device, workspace, "x", type, tokens, layer[1]);
        Tensor y = operand(device, workspace, "y", type, tokens, layer[0]);
        Tensor weight = operand(device, workspace, "weight", type, layer[0], layer[1]);
        Tensor result = workspace.tensor("result", type, Shape.of(tokens, layer[0]));
        Tensor dX = workspace.tensor("dX", type, Shape.of(tokens, layer[1]));
        Tensor dWeight = workspace.f32("dWeight", layer[0], layer[1]);
        device.kernels().memory().fill(dWeight, 0);
        double flops = 2.0 * tokens * layer[0] * layer[1];
        ObjectNode row = rates.putObject(tokens + "x" + layer[0] + "x" + layer[1]);
        row.put(
            "forward",
            rate(
                bench,
                driver,
                device,
                workspace.ownership(),
                flops,
                () -> device.kernels().product().gemm(GemmSpec.NT, result, x, weight)));
        row.put(
            "inputGradient",
            rate(
                bench,
                driver,
                device,
                workspace.ownership(),
                flops,
                () -> device.kernels().product().gemm(GemmSpec.NN, dX, y, weight)));
        row.put(
            "weightGradient",
            rate(
                bench,
                driver,
                device,
                workspace.ownership(),
                flops,
                () -> device.kernels().product().gemm(GemmSpec.TN, dWeight, y, x)));
      }
    }
  }

  private static double rate(
      CardBench bench,
      Driver driver,
      DriverDevice device,
      Ownership memory,
      double flops,
      Runnable product) {
    Object key = new Object();
    Runnable products =
        () ->
            device.repeat(
                memory,
                key,
                () -> {
                  for (int i = 0; i < PRODUCTS; i++) {
                    product.run();
                  }
                });
    // The second time records.
    products.run();
    return PRODUCTS * flops / Timing.micros(driver, bench.size().repeats(), products) * 1e6;
  }

  private static Tensor operand(
      DriverDevice device, Workspace workspace, String name, DType type, int rows, int columns) {
    Tensor values = workspace.f32(name, rows, columns);
    device.upload(values, random(rows * columns));
    if (type == DType.F32) {
      return values;
    }
    Tensor stored = workspace.tensor(name, type, Shape.of(rows, columns));
    device.kernels().memory().convert(stored, values);
    return stored;
  }

  /** Zeros would take less power, and so less time. */
  private static float[] random(int count) {
    Random random = new Random(1);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextFloat() - 0.5f;
    }
    return values;
  }
}
