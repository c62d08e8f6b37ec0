package org.mirror4j.calibrate;

import java.util.Optional;
import org.mirror4j.checkpoint.DenseModule;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * A {@link DenseModule} on a device: {@code y = activation(x W^T + b)} by rows.
 *
 * @param weight W, f32[outFeatures, inFeatures]
 * @param bias b, f32[1, outFeatures]; empty for none
 */
public record DenseLayer(Tensor weight, Optional<Tensor> bias, DenseModule.Activation activation)
    implements VectorMap {
  /** {@code C += A B^T}. */
  private static final GemmSpec NT_ADD = new GemmSpec(false, true, true);

  /** Copies a module to a device. */
  public static DenseLayer load(Device device, Workspace workspace, DenseModule module) {
    Tensor weight = workspace.f32("denseWeight", module.outFeatures(), module.inFeatures());
    device.upload(weight, module.weight());
    Optional<Tensor> bias =
        module.bias().map(_ -> workspace.f32("denseBias", 1, module.outFeatures()));
    bias.ifPresent(tensor -> device.upload(tensor, module.bias().get()));
    return new DenseLayer(weight, bias, module.activation());
  }

  @Override
  public int inputWidth() {
    return weight.columns();
  }

  @Override
  public int outputWidth() {
    return weight.rows();
  }

  @Override
  public Pass plan(Device device, Workspace workspace, int rows) {
    Kernels kernels = device.kernels();
    Tensor product = workspace.f32("denseProduct", rows, outputWidth());
    Tensor result =
        switch (activation) {
          case IDENTITY -> product;
          case TANH -> workspace.f32("denseActivated", rows, outputWidth());
        };
    Tensor firstRows = bias.map(_ -> firstRows(device, workspace, rows)).orElse(null);
    return vectors -> {
      product.rows(vectors.rows());
      if (bias.isPresent()) {
        // The product is added to the bias, so that no pass over the rows is made for that alone.
        kernels.row().gatherRows(product, bias.get(), firstRows.rows(vectors.rows()));
        kernels.product().gemm(NT_ADD, product, vectors, weight);
      } else {
        kernels.product().gemm(GemmSpec.NT, product, vectors, weight);
      }
      if (activation == DenseModule.Activation.TANH) {
        kernels.activation().tanh(result.rows(vectors.rows()), product);
      }
      return result;
    };
  }

  /** The index 0 for each row. */
  private static Tensor firstRows(Device device, Workspace workspace, int rows) {
    Tensor indices = workspace.i32("denseBiasRows", rows);
    device.upload(indices, new int[rows]);
    return indices;
  }
}
