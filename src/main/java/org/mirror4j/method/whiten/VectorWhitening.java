package org.mirror4j.method.whiten;

import java.nio.file.Path;
import java.util.List;
import org.mirror4j.calibrate.DenseLayer;
import org.mirror4j.calibrate.LinearCalibration;
import org.mirror4j.calibrate.RunningMoments;
import org.mirror4j.calibrate.VectorMap;
import org.mirror4j.checkpoint.DenseModule;
import org.mirror4j.device.Device;
import org.mirror4j.encode.NpyWriter;
import org.mirror4j.file.FileException;
import org.mirror4j.search.Vectors;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.train.TrainingListener;

/**
 * Calibrates the vectors of a NumPy file into another one, block by block: memory does not grow
 * with their number.
 *
 * @param vectors f32[n, width], mapped into memory as it is read
 * @param listener is told of progress
 */
public record VectorWhitening(Path vectors, TrainingListener listener) {
  /** Vectors of a product. */
  private static final int BLOCK = 4096;

  /**
   * What was written.
   *
   * @param vectors their number
   * @param dimensions of each
   */
  public record Result(long vectors, int dimensions) {}

  /**
   * Fits calibrations to the vectors themselves, which takes one more pass, and applies them.
   *
   * @throws FileException if the file is no matrix of f32, or writing fails
   * @throws IllegalArgumentException if the vectors are too few or too narrow
   */
  public Result fitAndWrite(Device device, List<LinearCalibration> calibrations, Path output) {
    try (Vectors in = Vectors.map(vectors)) {
      LinearFit.requireWidth(calibrations, in.dimension());
      RunningMoments moments = new RunningMoments(in.dimension());
      float[] vector = new float[in.dimension()];
      long start = System.nanoTime();
      for (int row = 0; row < in.size(); row++) {
        in.get(row, vector);
        moments.add(vector);
        if ((row + 1) % BLOCK == 0) {
          progress("vectors of the fit", row + 1, in, start);
        }
      }
      LinearFit fit = LinearFit.of(calibrations, moments.moments());
      fit.notes().forEach(listener::warning);
      return write(device, in, fit.map().module(), output);
    }
  }

  /**
   * Applies what was fitted before.
   *
   * @throws FileException if the file is no matrix of f32 of the width that the module takes, or
   *     writing fails
   */
  public Result write(Device device, DenseModule module, Path output) {
    try (Vectors in = Vectors.map(vectors)) {
      if (in.dimension() != module.inFeatures()) {
        throw new FileException(
            "%s: vectors of %d values, expected %d as the calibration takes"
                .formatted(vectors, in.dimension(), module.inFeatures()));
      }
      return write(device, in, module, output);
    }
  }

  private Result write(Device device, Vectors in, DenseModule module, Path output) {
    long start = System.nanoTime();
    int rows = Math.min(BLOCK, Math.max(1, in.size()));
    try (Workspace workspace = new Workspace(device);
        NpyWriter out = new NpyWriter(output, module.outFeatures())) {
      Tensor block = workspace.f32("vectors", rows, in.dimension());
      VectorMap.Pass pass =
          DenseLayer.load(device, workspace, module).plan(device, workspace, rows);
      float[] from = new float[rows * in.dimension()];
      float[] to = new float[rows * module.outFeatures()];
      float[] vector = new float[in.dimension()];
      float[] mapped = new float[module.outFeatures()];
      for (int first = 0; first < in.size(); first += rows) {
        int count = Math.min(rows, in.size() - first);
        for (int i = 0; i < count; i++) {
          in.get(first + i, vector);
          System.arraycopy(vector, 0, from, i * vector.length, vector.length);
        }
        device.upload(block.rows(count), from);
        device.download(to, pass.forward(block));
        for (int i = 0; i < count; i++) {
          System.arraycopy(to, i * mapped.length, mapped, 0, mapped.length);
          out.write("", mapped);
        }
        progress("vectors", first + count, in, start);
      }
      out.finish();
      return new Result(in.size(), module.outFeatures());
    }
  }

  private void progress(String what, int done, Vectors in, long start) {
    listener.progress(what, done, in.size(), (System.nanoTime() - start) * 1e-9);
  }
}
