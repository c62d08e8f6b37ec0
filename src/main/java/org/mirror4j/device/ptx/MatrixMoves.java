package org.mirror4j.device.ptx;

import org.mirror4j.device.ptx.memory.SharedMemory;
import org.mirror4j.device.ptx.syntax.StateSpace;
import org.mirror4j.device.ptx.syntax.Type;

/**
 * {@code ldmatrix} and {@code movmatrix} (ISA 9.7.14.5): matrices of 8 rows of 8 elements of 16
 * bits, spread over a whole warp. Lane {@code i} holds elements {@code 2 (i % 4)} and the next of
 * row {@code i / 4}.
 */
final class MatrixMoves {
  private static final int ROWS = 8;
  private static final int ROW_BYTES = 16;

  private MatrixMoves() {}

  /**
   * {@code ldmatrix.sync.aligned.m8n8.x1/.x2/.x4[.trans].shared.b16 {r, ...}, [address]}: lane
   * {@code 8 m + i} has the address of row {@code i} of matrix {@code m}, register {@code m} is of
   * this matrix, transposed with {@code .trans}. Addresses of lanes for which there is no matrix
   * must be those of a row as well, as Turing demands: kernels run on all cards.
   */
  static DecodedOperation load(InstructionDecoder decoder) {
    decoder.require("sync");
    decoder.require("aligned");
    decoder.require("m8n8");
    int count =
        switch (decoder.takeAny()) {
          case "x1" -> 1;
          case "x2" -> 2;
          case "x4" -> 4;
          default -> throw decoder.unsupported();
        };
    boolean transposed = decoder.take("trans");
    decoder.require("shared");
    decoder.require("b16");
    decoder.end(2);
    AddressForm address = AddressForm.of(decoder, 1, StateSpace.SHARED);
    int[] places =
        decoder.vector(0, count).stream()
            .mapToInt(element -> decoder.destination(element, Type.B32, false))
            .toArray();
    int rows = -1 >>> Warp.LANES - ROWS * count;
    return DecodedOperation.wholeWarp(
        (warp, mask) -> {
          address.fill(warp);
          SharedMemory shared = warp.worker.shared();
          shared.loadRows(warp.step.site, warp.number, rows, warp.addresses, ROW_BYTES);
          tell(warp, rows);
          for (int matrix = 0; matrix < count; matrix++) {
            if (transposed) {
              loadTransposed(warp, shared, matrix * ROWS, places[matrix]);
            } else {
              load(warp, shared, matrix * ROWS, places[matrix]);
            }
          }
        });
  }

  private static void tell(Warp warp, int rows) {
    ExecutionListener listener = warp.worker.listener();
    if (listener != null) {
      listener.accessed(warp.step.instruction, StateSpace.SHARED, rows, warp.addresses, ROW_BYTES);
    }
  }

  private static void load(Warp warp, SharedMemory shared, int first, int place) {
    for (int lane = 0; lane < Warp.LANES; lane++) {
      int row = (int) warp.addresses[first + (lane >> 2)];
      warp.words[place + lane] = shared.getWord(row + Integer.BYTES * (lane & 3));
    }
  }

  private static void loadTransposed(Warp warp, SharedMemory shared, int first, int place) {
    for (int lane = 0; lane < Warp.LANES; lane++) {
      int row = first + 2 * (lane & 3);
      int column = Short.BYTES * (lane >> 2);
      int lower = shared.getHalf((int) warp.addresses[row] + column) & 0xFFFF;
      int upper = shared.getHalf((int) warp.addresses[row + 1] + column);
      warp.words[place + lane] = upper << 16 | lower;
    }
  }

  /** {@code movmatrix.sync.aligned.m8n8.trans.b16 d, a}: a matrix in registers, transposed. */
  static DecodedOperation transpose(InstructionDecoder decoder) {
    decoder.require("sync");
    decoder.require("aligned");
    decoder.require("m8n8");
    decoder.require("trans");
    decoder.require("b16");
    decoder.end(2);
    int a = decoder.source(1, Type.B32);
    int d = decoder.destination(0, Type.B32);
    return DecodedOperation.wholeWarp(
        (warp, mask) -> {
          int[] rows = warp.sources;
          System.arraycopy(warp.words, a, rows, 0, Warp.LANES);
          for (int lane = 0; lane < Warp.LANES; lane++) {
            // Element (r, c) is in lane 4 r + c / 2, in its upper half if c is odd.
            int column = lane >> 2;
            int from = ROWS * (lane & 3) + (column >> 1);
            int shift = 16 * (column & 1);
            int lower = rows[from] >>> shift & 0xFFFF;
            warp.words[d + lane] = rows[from + 4] >>> shift << 16 | lower;
          }
        });
  }
}
