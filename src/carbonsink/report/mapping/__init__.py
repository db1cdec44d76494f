"""What the page's map needs, as one JSON value: pictures on the grid, parcels as GeoJSON, what is known of each, words in every language.

places     the grid as a plane in metres, and longitude and latitude over it
pictures   cover of each year, NDVI of each period, bands in colour, as PNG
parcels    outlines, areas, outcome and evidence on practice
series     NDVI of each parcel, acquisition by acquisition
marks      changes and alerts
data       all of it together
leaflet    the map library, out of its installed package

The map shows the run's own grid (a plane in metres, Leaflet's `CRS.Simple`) and not Web Mercator: pictures are laid down as they were reckoned,
no pixel is resampled, the scale bar is true to the projection's scale (within 4 in 10,000 for UTM), and nothing is asked of any server of tiles.
"""
