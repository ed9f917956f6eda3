-- A trial's part of what its run used as a whole, beside hardware by the hour: what its energy cost (nano-USD), the energy
-- (microjoules, and how it was come by), busy device time (ns), emissions (ng of CO2-equivalent). None where no meter told.

ALTER TABLE trial ADD COLUMN energy_cost BIGINT NOT NULL DEFAULT 0;
ALTER TABLE trial ADD COLUMN microjoules BIGINT;
ALTER TABLE trial ADD COLUMN energy_quality TEXT;
ALTER TABLE trial ADD COLUMN d_device BIGINT;
ALTER TABLE trial ADD COLUMN nanograms BIGINT;
